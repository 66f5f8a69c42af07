// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Stands for a service that could not be reached: every exchange gets the explanation. */
final class DeadUpstream implements UpstreamLeg {
    private DeadUpstream() {}

    static UpstreamLeg.Opener because(ConnectFailure why) {
        return flow -> {
            flow.loop().execute(() -> flow.upstreamGone(why));
            return new DeadUpstream();
        };
    }

    @Override
    public void requestHead(RequestHead head, boolean end) {}

    @Override
    public void requestData(ByteBuf data, boolean end) {
        data.release();
    }

    @Override
    public void requestTrailers(List<HeaderField> trailers) {}

    @Override
    public void flush() {}

    @Override
    public void abort() {}

    @Override
    public void setReading(boolean on) {}

    @Override
    public boolean writable() {
        return true;
    }
}
