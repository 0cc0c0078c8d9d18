package dev.coppice.aggregator.limits;

import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where requests come from: by the connection, or, if that is a proxy of ours, by the last address in {@code X-Forwarded-For},
 * which our proxy wrote. IPv6 counts by /64: one household has as many addresses of it as it likes.
 */
@Singleton
public final class Addresses {
    private static final String FORWARDED = "X-Forwarded-For";
    private static final int NETWORK_BYTES = 8;
    private static final int CHARACTERS_MAX = 64;

    private final Set<String> proxies;

    Addresses(LimitSettings settings) {
        this.proxies = Set.copyOf(settings.proxies());
    }

    /** Whom to limit a request as; empty if it comes from a proxy that does not say from whom. */
    public Optional<String> limited(HttpRequest<?> request) {
        Optional<String> direct = limited(request.getRemoteAddress());
        if (direct.isPresent()) {
            return direct;
        }
        List<String> lines = request.getHeaders().getAll(FORWARDED);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String last = lines.getLast();
        return Optional.of(network(last.substring(last.lastIndexOf(',') + 1).strip()));
    }

    /** Whom to limit a connection as; empty for a proxy. */
    Optional<String> limited(SocketAddress remote) {
        return remote instanceof InetSocketAddress socket && socket.getAddress() != null
                ? Optional.of(socket.getAddress())
                        .filter(address -> !proxies.contains(address.getHostAddress()))
                        .map(Addresses::network)
                : Optional.empty();
    }

    /** What is no address stands for itself. */
    private static String network(String forwarded) {
        try {
            return network(InetAddress.ofLiteral(forwarded));
        } catch (IllegalArgumentException e) {
            return forwarded.length() <= CHARACTERS_MAX ? forwarded : forwarded.substring(0, CHARACTERS_MAX);
        }
    }

    private static String network(InetAddress address) {
        return address instanceof Inet6Address
                ? HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), NETWORK_BYTES))
                : address.getHostAddress();
    }
}
