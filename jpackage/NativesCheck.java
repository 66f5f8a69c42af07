// SPDX-License-Identifier: Apache-2.0
import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.Zstd;
import com.sun.jna.Native;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads each library that lies beside an image's jars, with the launcher's own options and no
 * folder to unpack anything into. Ends 1 when one is not loaded from there. Run as one file:
 * {@code java OPTIONS -Djava.io.tmpdir=/nonexistent -cp APP/* NativesCheck.java APP}.
 */
final class NativesCheck {
    private NativesCheck() {}

    public static void main(String[] arguments) throws Exception {
        Brotli4jLoader.ensureAvailability();
        Epoll.ensureAvailability();
        OpenSsl.ensureAvailability();
        boolean loaded = SQLiteJDBCLoader.initialize() && Zstd.compress(new byte[99]).length > 0 && Native.POINTER_SIZE > 0;
        String maps = Files.readString(Path.of("/proc/self/maps"));
        for (String name : new String[] {"brotli", "netty_transport_native_epoll", "netty_tcnative", "sqlitejdbc", "zstd-jni", "jnidispatch"}) {
            if (!loaded || !maps.contains(arguments[0] + "/lib" + name)) {
                System.err.println("natives: lib" + name + " is not loaded from " + arguments[0]);
                System.exit(1);
            }
        }
    }
}
