package dev.coppice.adapters.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.coppice.adapters.ModelRun;
import dev.coppice.adapters.ModelRun.Output;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderBuilderTest {
    private static final Sizes SIZES = new Sizes(11, 8, 2, 12, 16);
    private static final long[][] TEXT = {{1, 5, 7, 2, 9, 3, 3, 8}};

    static Stream<DecoderShape> shapes() {
        Heads grouped = new Heads(4, 2, 6);
        Rotary stretched = new Rotary(100, new Rotary.Stretch.Llama3(4, 1, 3, 8));
        return Stream.of(
                DecoderShape.plain(SIZES, 2, 3),
                new DecoderShape(SIZES, grouped, stretched, Variant.usual(), 0),
                new DecoderShape(
                        SIZES, grouped, Rotary.usual(), new Variant(1e-6f, false, false, 3, Variant.Biases.ALL), 0),
                new DecoderShape(
                        SIZES,
                        grouped,
                        new Rotary(100, new Rotary.Stretch.Linear(2)),
                        new Variant(1e-6f, false, true, 0, Variant.Biases.QUERY_KEY_VALUE),
                        2));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void tokensOneByOneGiveTheLogitsOfAllAtOnce(DecoderShape shape) throws Exception {
        try (ModelRun model = model(shape)) {
            float[] whole = logits(model.run(TEXT, ones(8)));
            int vocabulary = SIZES.vocabulary();
            Map<String, Output> past = model.run(new long[][] {Arrays.copyOf(TEXT[0], 3)}, ones(3));
            assertSame(Arrays.copyOf(whole, 3 * vocabulary), logits(past));
            for (int i = 3; i < 8; i++) {
                past = model.run(new long[][] {{TEXT[0][i]}}, ones(i + 1), past);
                assertSame(Arrays.copyOfRange(whole, i * vocabulary, (i + 1) * vocabulary), logits(past));
            }
            assertThat(output(past, "present.1.key").shape())
                    .containsExactly(1, shape.heads().keys(), 8, shape.heads().width());
        }
    }

    /** Two prompts of unlike length in one batch, each then goes on by one token. */
    @Test
    void rowsPaddedOnTheRightGoOnWhereTheirTextEnded() throws Exception {
        try (ModelRun model = model(DecoderShape.plain(SIZES, 2, 0))) {
            long[][] prompts = {{1, 5, 7, 2}, {1, 6, 0, 0}};
            Map<String, Output> past = model.run(prompts, new long[][] {{1, 1, 1, 1}, {1, 1, 0, 0}});
            float[] both =
                    logits(model.run(new long[][] {{9}, {4}}, new long[][] {{1, 1, 1, 1, 1}, {1, 1, 0, 0, 1}}, past));
            float[] first = last(logits(model.run(new long[][] {{1, 5, 7, 2, 9}}, ones(5))));
            float[] second = last(logits(model.run(new long[][] {{1, 6, 4}}, ones(3))));
            assertSame(Arrays.copyOf(both, SIZES.vocabulary()), first);
            assertSame(last(both), second);
        }
    }

    @Test
    void aWindowHidesWhatIsFartherAway() throws Exception {
        DecoderShape one = new DecoderShape(
                new Sizes(11, 8, 1, 12, 16),
                new Heads(2, 2, 4),
                Rotary.usual(),
                new Variant(1e-5f, true, false, 3, Variant.Biases.NONE),
                0);
        try (ModelRun model = model(one)) {
            float[] found = last(logits(model.run(new long[][] {{1, 5, 7, 2, 9}}, ones(5))));
            float[] otherInside = last(logits(model.run(new long[][] {{1, 5, 8, 2, 9}}, ones(5))));
            float[] otherOutside = last(logits(model.run(new long[][] {{1, 6, 7, 2, 9}}, ones(5))));
            assertSame(found, otherOutside);
            assertThat(found).isNotEqualTo(otherInside);
        }
    }

    /** Reading a table of positions past its end would be undefined in native code. */
    @Test
    void textsThatOutgrowTheTableOfPositionsDoNoHarm() throws Exception {
        try (ModelRun model = model(DecoderShape.plain(new Sizes(11, 8, 1, 12, 4), 2, 0))) {
            Map<String, Output> past = model.run(new long[][] {{1, 5, 7, 2}}, ones(4));
            for (int length = 5; length < 9; length++) {
                past = model.run(new long[][] {{9}}, ones(length), past);
                assertThat(logits(past)).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY);
            }
        }
    }

    /** One wave is kept, one slowed down by 4, one is blended half and half (in frequency). */
    @Test
    void llama3SlowsDownLongWavesOnly() {
        Rotary.Stretch stretch = new Rotary.Stretch.Llama3(4, 1, 3, 64);
        assertThat(new Rotary(1000, stretch).wave(0, 4)).isEqualTo(1);
        assertThat(new Rotary(1000, stretch).wave(1, 4)).isCloseTo(4 * Math.sqrt(1000), offset(1e-9));
        double fitsTwice = 64 / (2 * Math.PI * 2);
        assertThat(1 / new Rotary(fitsTwice * fitsTwice, stretch).wave(1, 4))
                .isCloseTo((1 / fitsTwice + 1 / (4 * fitsTwice)) / 2, offset(1e-9));
    }

    @Test
    void shapesThatNoDecoderHasAreRefused() {
        List<Runnable> wrong = List.of(
                () -> new Heads(3, 2, 4),
                () -> new Heads(2, 2, 3),
                () -> new Sizes(0, 8, 1, 8, 8),
                () -> new Rotary(1, new Rotary.Stretch.None()),
                () -> new Rotary.Stretch.Llama3(8, 4, 1, 100),
                () -> new Variant(Float.NaN, true, false, 0, Variant.Biases.NONE),
                () -> DecoderShape.plain(SIZES, 3, 0));
        assertThat(wrong)
                .allSatisfy(make -> assertThatThrownBy(make::run).isInstanceOf(IllegalArgumentException.class));
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by the tests
    private static ModelRun model(DecoderShape shape) throws Exception {
        WeightSource weights = WeightSource.of(shape, DecoderWeights.initial(shape, 3));
        return new ModelRun(DecoderBuilder.build(shape, weights).build().toByteArray());
    }

    private static long[][] ones(int length) {
        long[] row = new long[length];
        Arrays.fill(row, 1);
        return new long[][] {row};
    }

    private static float[] last(float[] logits) {
        return Arrays.copyOfRange(logits, logits.length - SIZES.vocabulary(), logits.length);
    }

    private static float[] logits(Map<String, Output> outputs) {
        return output(outputs, "logits").values();
    }

    private static Output output(Map<String, Output> outputs, String name) {
        return Objects.requireNonNull(outputs.get(name));
    }

    private static void assertSame(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], offset(1e-5f));
        }
    }
}
