package dev.coppice.aggregator.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;

/** What caches between devices and us may keep. */
final class Caching {
    /** Its name has a version, a hash or a place in it that nothing else will ever have. */
    static final String FOR_EVER = "public, max-age=31536000, immutable";

    /** Says what is the latest. */
    static final String A_MOMENT = "public, max-age=30";

    private Caching() {}

    /** What is missing now may be there in a moment: the next root is asked for all the time. */
    static HttpResponse<?> missing() {
        return HttpResponse.notFound("No such file")
                .contentType(MediaType.TEXT_PLAIN_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, A_MOMENT);
    }
}
