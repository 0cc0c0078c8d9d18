package dev.coppice.aggregator.http;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list: a cursor names the last item of the page before, so that what is added meanwhile neither repeats nor skips
 * any.
 *
 * @param next cursor of the page that follows; null after the last
 */
record Pages<T>(List<T> items, @Nullable String next) {
    static final int LIMIT_MAX = 500;
    static final String LIMIT_USUAL = "50";

    /** What is asked for, checked. */
    static int limit(int limit) throws RequestRefusedException {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new RequestRefusedException(Kind.MALFORMED, "limit is 1 to " + LIMIT_MAX);
        }
        return limit;
    }

    /**
     * A page.
     *
     * @param found one more than {@code limit} if there is more
     * @param cursor that names an item
     */
    static <S, T> Pages<T> of(List<S> found, int limit, Function<S, String> cursor, Function<S, T> item) {
        List<S> shown = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? cursor.apply(shown.getLast()) : null;
        return new Pages<>(shown.stream().map(item).toList(), next);
    }
}
