// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Signals that are requests. By reflection: {@code sun.misc.Signal} is the only way in the JDK and
 * the compiler warns of it in a way that cannot be silenced.
 */
public final class Signals {
    private Signals() {}

    /**
     * Runs an action for each SIGHUP, on a thread of the JVM's.
     *
     * @return false where there is no such signal (Windows) or the JVM keeps it for itself
     */
    public static boolean onHangUp(Runnable action) {
        return on("HUP", action);
    }

    /**
     * The same for a signal by its name without {@code SIG}. A process that is started afterwards
     * has the system's own reaction to it.
     */
    public static boolean on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler run =
                    (_, method, _) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null; // nothing else is called on a handler
                    };
            Object listener =
                    Proxy.newProxyInstance(
                            Signals.class.getClassLoader(), new Class<?>[] {handler}, run);
            Object wanted = signal.getConstructor(String.class).newInstance(name);
            signal.getMethod("handle", signal, handler).invoke(null, wanted, listener);
            return true;
        } catch (InvocationTargetException e) {
            return false; // IllegalArgumentException: unknown or used by the JVM
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
