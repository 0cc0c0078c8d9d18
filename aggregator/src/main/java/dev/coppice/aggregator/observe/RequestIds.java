package dev.coppice.aggregator.observe;

import dev.coppice.crypto.RandomSource;
import io.micronaut.context.propagation.slf4j.MdcPropagationContext;
import io.micronaut.core.order.Ordered;
import io.micronaut.core.propagation.MutablePropagatedContext;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each request an id, which is in all that is logged on its behalf and in the reply ({@code X-Request-Id}), beside the id of
 * the round that it is about. Ids are this process's own: what a client claims is not taken over.
 */
@ServerFilter("/**")
final class RequestIds implements Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(RequestIds.class);
    private static final String ATTRIBUTE = "coppice.request.id";
    private static final Pattern ROUND = Pattern.compile("/v1/(?:admin/)?rounds/([a-z0-9-]{1,64})/.*");

    private final String process;
    private final AtomicLong requests = new AtomicLong();

    RequestIds(RandomSource random) {
        this.process = HexFormat.of().formatHex(random.bytes(4));
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @RequestFilter
    void name(HttpRequest<?> request, MutablePropagatedContext context) {
        String id = process + "-" + requests.incrementAndGet();
        request.setAttribute(ATTRIBUTE, id);
        Map<String, String> named = new TreeMap<>();
        named.put("request", id);
        Matcher round = ROUND.matcher(request.getPath());
        if (round.matches()) {
            named.put("round", round.group(1));
        }
        context.add(new MdcPropagationContext(named));
    }

    @ResponseFilter
    void answered(HttpRequest<?> request, MutableHttpResponse<?> reply) {
        request.getAttribute(ATTRIBUTE, String.class).ifPresent(id -> reply.header("X-Request-Id", id));
        LOG.debug("{} got {}", request.getMethodName(), reply.code());
    }
}
