// SPDX-License-Identifier: Apache-2.0
// No dependencies. The version turns Go's current defaults on, X25519MLKEM768 among them.
module chaperone.test/clients

go 1.24
