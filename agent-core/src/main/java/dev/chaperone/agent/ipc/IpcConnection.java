// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.agent.Version;
import dev.chaperone.agent.coach.AnswerException;
import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.agent.doctor.UiCheck;
import dev.chaperone.agent.pause.PauseException;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AnswerRequest;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.model.ipc.Paused;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One connection: reads requests, answers them, tells of questions. Whatever a peer sends, it gets
 * an error of JSON-RPC and no exception; messages never quote what it sent. On its event loop.
 */
final class IpcConnection extends SimpleChannelInboundHandler<ByteBuf> {
    /** Longer reads of a connection at the same time; more are refused. */
    private static final int MAX_READS = 4;

    private final CoachingDesk desk;
    private final UserViews views;
    private final Subscribers subscribers;
    private final IpcServer.Access access;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicBoolean examining = new AtomicBoolean();
    private final RpcJson json = new RpcJson();
    private Peer peer = Peer.UNKNOWN;
    private volatile String language = "en";
    private volatile List<Check> checks = List.of(); // those that take time to look at
    private volatile @Nullable AgentStatus told;
    private volatile @Nullable ChannelHandlerContext channel;

    IpcConnection(
            CoachingDesk desk, UserViews views, Subscribers subscribers, IpcServer.Access access) {
        this.desk = desk;
        this.views = views;
        this.subscribers = subscribers;
        this.access = access;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        peer = access.peers().apply(context.channel());
        if (peer.uid() < 0 || !access.admitted().test(peer.uid())) {
            refuse(context, Ipc.FOREIGN_PEER, "this agent belongs to another user");
        } else if (!subscribers.opened(this, peer.uid())) {
            refuse(context, Ipc.INTERNAL_ERROR, "too many connections");
        } else {
            channel = context;
        }
    }

    private void refuse(ChannelHandlerContext context, int code, String why) {
        write(context, json.error(null, code, why)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        channel = null;
        subscribers.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            refuse(
                    context,
                    Ipc.INVALID_REQUEST,
                    "a line is longer than " + Ipc.MAX_LINE + " bytes");
        } else {
            context.close();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
        if (channel == null || !line.isReadable()) {
            return; // not admitted, or an empty line
        }
        JsonNode request;
        try {
            request = json.read(ByteBufUtil.getBytes(line));
        } catch (JacksonException e) {
            write(context, json.error(null, Ipc.PARSE_ERROR, "not JSON"));
            return;
        }
        JsonNode id = request.get("id");
        if (!RpcJson.isRequest(request)) {
            write(
                    context,
                    json.error(
                            RpcJson.isId(id) ? id : null,
                            Ipc.INVALID_REQUEST,
                            "not a request of JSON-RPC 2.0"));
            return;
        }
        String method = request.get("method").asString();
        switch (method) {
            case Ipc.ACTIVITY, Ipc.LEDGER, Ipc.FORGET, Ipc.PAUSE, Ipc.RESUME ->
                    readAside(request, id);
            default -> {
                byte[] reply = reply(method, request.get("params"), id);
                if (id != null) {
                    write(context, reply);
                }
                if (method.equals(Ipc.SUBSCRIBE)) {
                    status();
                    examine();
                }
            }
        }
    }

    /** What reads files is done aside; its reply may come after later ones, which the id tells. */
    private void readAside(JsonNode request, @Nullable JsonNode id) {
        if (reads.incrementAndGet() > MAX_READS) {
            reads.decrementAndGet();
            notify(json.error(id, Ipc.INTERNAL_ERROR, "too many requests at once; try again"));
            return;
        }
        Thread.startVirtualThread(() -> {
            byte[] reply;
            try {
                reply = reply(request.get("method").asString(), request.get("params"), id);
            } finally {
                reads.decrementAndGet();
            }
            if (id != null) {
                notify(reply);
            }
        });
    }

    private byte[] reply(String method, @Nullable JsonNode params, @Nullable JsonNode id) {
        try {
            return switch (method) {
                case Ipc.SUBSCRIBE -> subscribe(params, id);
                case Ipc.PENDING -> json.result(id, pending(params));
                case Ipc.ANSWER -> json.result(id, answer(params));
                case Ipc.HISTORY -> json.result(id, desk.history(peer.uid()));
                case Ipc.ACTIVITY -> json.result(id, views.activity(peer.uid(), since(params)));
                case Ipc.LEDGER -> json.result(id, views.ledger(peer.uid(), json.language(params)));
                case Ipc.FORGET -> json.result(id, views.forget(peer.uid()));
                case Ipc.PAUSE -> json.result(id, pause(params));
                case Ipc.RESUME -> json.result(id, views.resume(peer.uid()));
                default -> json.error(id, Ipc.METHOD_NOT_FOUND, "no such method");
            };
        } catch (AnswerException e) {
            return json.error(id, e.code(), String.valueOf(e.getMessage()));
        } catch (PauseException e) {
            return json.error(id, e.code(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return json.error(id, Ipc.INTERNAL_ERROR, String.valueOf(e.getMessage()));
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            return json.error(id, Ipc.INVALID_PARAMS, "the params are not those of the method");
        } catch (RuntimeException e) {
            return json.error(id, Ipc.INTERNAL_ERROR, "a bug, please report it: CHP-BUG-001");
        }
    }

    private static Instant since(@Nullable JsonNode params) {
        JsonNode since = params == null ? null : params.get("since");
        return since == null || since.isNull() ? Instant.EPOCH : Instant.parse(since.asString());
    }

    private byte[] subscribe(@Nullable JsonNode params, @Nullable JsonNode id) {
        language = json.language(params);
        if (params == null || !params.path(Ipc.WATCH).asBoolean(false)) {
            subscribers.subscribe(this, peer.uid());
        }
        return json.result(id, true);
    }

    /** Root sees every question there is, and the text of its own only. */
    private List<Question> pending(@Nullable JsonNode params) {
        language = json.language(params);
        return desk.open(peer.isRoot() ? null : peer.uid()).stream().map(this::shown).toList();
    }

    private Question shown(Question question) {
        return Cards.in(language, question.uid() == peer.uid() ? question : question.withoutText());
    }

    private Answered answer(@Nullable JsonNode params) throws AnswerException {
        AnswerRequest request = json.params(params, AnswerRequest.class);
        return desk.answer(
                peer.isRoot() ? null : peer.uid(),
                request.id(),
                request.choice(),
                request.via(),
                question ->
                        question.uid() == peer.uid()
                                ? access.guard().refusal(peer, request.via())
                                : Optional.of("only the user who is asked can let it go"));
    }

    /** Whoever asks: for the peer's own user, root included. */
    private Paused pause(@Nullable JsonNode params) throws PauseException {
        PauseRequest request = json.params(params, PauseRequest.class);
        Optional<String> refusal = access.guard().refusal(peer, request.via());
        if (refusal.isPresent()) {
            throw new PauseException(Ipc.NOT_ALLOWED, refusal.get());
        }
        return new Paused(views.pause(peer.uid(), request));
    }

    // ---- notifications, from any thread

    void ask(Question question) {
        notify(json.notification(Ipc.COACH, shown(question)));
        status();
    }

    void settle(Settled settled) {
        notify(json.notification(Ipc.WITHDRAWN, settled));
        status();
    }

    void tell(Notice notice) {
        notify(json.notification(Ipc.NOTIFY, notice));
    }

    /**
     * Looks at every condition aside, and tells when one changed; at once of what is known at once:
     * a pause that began must not wait until files were read.
     */
    void examine() {
        statusIfChanged();
        if (!examining.compareAndSet(false, true)) {
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                List<Check> now = new ArrayList<>(views.checks(peer.uid(), language));
                if (!peer.isRoot()) { // root has no desktop
                    now.add(UiCheck.of(desk.attended(peer.uid()), language));
                }
                checks = List.copyOf(now);
                statusIfChanged();
            } finally {
                examining.set(false);
            }
        });
    }

    private synchronized void statusIfChanged() {
        if (!now().equals(told)) {
            status();
        }
    }

    /** One after the other: the last one that the peer reads is how it is. */
    private synchronized void status() {
        AgentStatus now = now();
        told = now;
        notify(json.notification(Ipc.STATUS, now));
    }

    private AgentStatus now() {
        List<Check> all = new ArrayList<>(checks);
        if (!all.isEmpty()) { // empty: nothing was looked at yet
            all.addAll(views.pauseChecks(peer.uid(), language));
        }
        return new AgentStatus(
                desk.open(peer.uid()).size(),
                Version.number(),
                all,
                views.pausing(peer.uid()).orElse(null));
    }

    private void notify(byte[] line) {
        ChannelHandlerContext to = channel;
        if (to != null) {
            try {
                to.executor().execute(() -> write(to, line));
            } catch (RejectedExecutionException e) {
                // The agent stops: who is not told sees the connection end.
            }
        }
    }

    private static io.netty.channel.ChannelFuture write(ChannelHandlerContext to, byte[] line) {
        if (!to.channel().isWritable()) {
            return to.close(); // a peer that does not read must not cost memory
        }
        return to.writeAndFlush(Unpooled.wrappedBuffer(line));
    }
}
