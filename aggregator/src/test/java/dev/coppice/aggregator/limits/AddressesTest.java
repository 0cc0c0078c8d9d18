package dev.coppice.aggregator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** As whom a request is limited. */
class AddressesTest {
    private static final String PROXY = "192.0.2.1";

    private final Addresses addresses = new Addresses(TestLimits.behind(PROXY));

    /** From an address, with lines of {@code X-Forwarded-For}. */
    private Optional<String> limited(String from, String... forwarded) {
        MutableHttpRequest<?> request = HttpRequest.GET("http://" + from + "/");
        for (String line : forwarded) {
            request.header("X-Forwarded-For", line);
        }
        return addresses.limited(request);
    }

    private Optional<String> connected(String from) {
        return addresses.limited(new InetSocketAddress(InetAddress.ofLiteral(from), 4711));
    }

    /** Whoever asks a proxy may write what they like before what the proxy adds, in the same line or in one of their own. */
    @Test
    void ofWhatAProxyForwardsTheLastAddressCounts() {
        assertThat(limited(PROXY, "203.0.113.9")).contains("203.0.113.9");
        assertThat(limited(PROXY, "198.51.100.1, 203.0.113.9")).contains("203.0.113.9");
        assertThat(limited(PROXY, "198.51.100.1, 198.51.100.2", "203.0.113.9")).contains("203.0.113.9");
    }

    @Test
    void aHeaderIsBelievedFromAProxyAlone() {
        assertThat(limited("203.0.113.9", "198.51.100.1")).contains("203.0.113.9");
    }

    @Test
    void aProxyThatNamesNobodyIsNotLimitedItself() {
        assertThat(limited(PROXY)).isEmpty();
        assertThat(connected(PROXY)).isEmpty();
        assertThat(connected("203.0.113.9")).contains("203.0.113.9");
    }

    @Test
    void whatIsForwardedIsAsLongAsAnAddressAtMost() {
        assertThat(limited(PROXY, "a".repeat(5000)).orElseThrow()).hasSize(64);
    }

    @Test
    void addressesOfOneNetworkOfIpv6AreOne() {
        String first = connected("2001:db8:0:1::1").orElseThrow();
        assertThat(connected("2001:db8:0:1:ffff:ffff:ffff:ffff")).contains(first);
        assertThat(limited(PROXY, "2001:db8:0:1::2")).contains(first);
        assertThat(connected("2001:db8:0:2::1").orElseThrow()).isNotEqualTo(first);
    }
}
