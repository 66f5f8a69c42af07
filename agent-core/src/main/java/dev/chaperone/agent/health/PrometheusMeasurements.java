// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.health;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** Measurements in the Prometheus text format 0.0.4. Thread-safe. */
public final class PrometheusMeasurements implements Measurements {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Summary held =
            summary(
                    "chaperone_decision_seconds",
                    "How long a prompt was held for its decision, without waiting for people.");
    private final Summary firstAnswer =
            summary(
                    "chaperone_first_answer_seconds",
                    "From a request's last byte to the first byte of the service's answer.");
    private final Counter errors =
            Counter.builder()
                    .name("chaperone_errors_total")
                    .help("Exchanges that failed, by stable error code.")
                    .labelNames("service", "code")
                    .register(registry);

    /**
     * @param proxy counts of the proxy by name, since start
     */
    public PrometheusMeasurements(Supplier<Map<String, Long>> proxy) {
        CounterWithCallback.builder()
                .name("chaperone_proxy_total")
                .help("What the proxy did since it started.")
                .labelNames("what")
                .callback(to -> proxy.get().forEach((what, count) -> to.call(count, what)))
                .register(registry);
    }

    private Summary summary(String name, String help) {
        return Summary.builder()
                .name(name)
                .unit(Unit.SECONDS)
                .help(help)
                .quantile(0.5, 0.01)
                .quantile(0.95, 0.005)
                .quantile(0.99, 0.001)
                .labelNames("service")
                .register(registry);
    }

    @Override
    public void decided(String service, Duration time) {
        held.labelValues(service).observe(seconds(time));
    }

    @Override
    public void firstAnswer(String service, Duration waited) {
        firstAnswer.labelValues(service).observe(seconds(waited));
    }

    @Override
    public void failed(String service, String code) {
        errors.labelValues(service, code).inc();
    }

    private static double seconds(Duration time) {
        return Unit.nanosToSeconds(time.toNanos());
    }

    void write(OutputStream out) throws IOException {
        PrometheusTextFormatWriter.create().write(out, registry.scrape());
    }
}
