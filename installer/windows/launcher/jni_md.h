/* SPDX-License-Identifier: Apache-2.0
 * The platform half of jni.h for x86-64 Windows (LLP64), so that the JDK of the machine that builds can be of another system. */
#ifndef CHAPERONE_JNI_MD_H
#define CHAPERONE_JNI_MD_H
#define JNIEXPORT __declspec(dllexport)
#define JNIIMPORT __declspec(dllimport)
#define JNICALL
typedef long jint;
typedef long long jlong;
typedef signed char jbyte;
#endif
