package dev.coppice.adapters.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was encoded comes back to the bit, short if its values allow; what was not encoded is refused. */
class PackCodingTest {
    private static final int COUNT = 20_000;
    private static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(
            new TensorSpec("frozen.A", List.of(COUNT)),
            new TensorSpec("head", List.of(3)),
            new TensorSpec("trained.B", List.of(COUNT))));

    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void valuesOnAGridTakeFourBitsAndWhatBothSidesHaveTakesNothing() throws Exception {
        AdapterWeights first = weights(0, 1);
        AdapterWeights coarse = PackCoding.coarse(withFrozen(weights(0, 1), first), PackCoding.STEP_MAX);
        byte[] start = file(first);
        byte[] pack = file(withFrozen(coarse, first));
        byte[] encoded = roundTrip(pack, Optional.of(start));
        assertThat(encoded.length).isBetween(COUNT * 7 / 16, COUNT * 9 / 16);
        assertThat(roundTrip(pack, Optional.empty()).length).isGreaterThan(COUNT * Float.BYTES);
    }

    @Test
    void anUpdateTakesLessThanTheWholePack() throws Exception {
        AdapterWeights before = weights(0, 1);
        float[] values = before.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] += 0.2f * gaussian();
        }
        byte[] old = file(PackCoding.coarse(before, PackCoding.STEP_MAX));
        byte[] fresh = file(PackCoding.coarse(AdapterWeights.of(LAYOUT, values), PackCoding.STEP_MAX));
        int whole = roundTrip(fresh, Optional.empty()).length;
        assertThat(roundTrip(fresh, Optional.of(old)).length).isLessThan(whole * 6 / 10);
    }

    @Test
    void aGridMovesNoValueByMoreThanHalfOfItsStep() {
        AdapterWeights weights = weights(0, 0.01f);
        float[] before = weights.toArray();
        float[] after = PackCoding.coarse(weights, PackCoding.STEP_MAX).toArray();
        double squares = 0;
        for (int i = 0; i < COUNT; i++) {
            assertThat(after[i]).isCloseTo(before[i], Offset.offset(0.00176f));
            squares += Math.pow(after[i] - before[i], 2);
        }
        assertThat(Math.sqrt(squares / COUNT)).isCloseTo(0.0035 / Math.sqrt(12), Percentage.withPercentage(3));
        assertThat(PackCoding.coarse(AdapterWeights.of(LAYOUT, new float[LAYOUT.count()]))
                        .toArray())
                .containsOnly(0f);
    }

    @Test
    void theSmallerAnAdapterIsTheFinerIsItsGrid() {
        AdapterWeights weights = weights(0, 0.01f);
        float[] before = weights.toArray();
        float[] after = PackCoding.coarse(weights).toArray();
        for (int i = 0; i < COUNT; i++) { // 40,003 values: a hundredth of a deviation
            assertThat(after[i]).isCloseTo(before[i], Offset.offset(0.00008f));
        }
        AdapterWeights small = AdapterWeights.of(
                ParameterLayout.of(List.of(new TensorSpec("b", List.of(3)))), new float[] {1, -2, 0.5f});
        assertThat(PackCoding.coarse(small).toArray()[2]).isCloseTo(0.5f, Offset.offset(0.0007f));
    }

    @Test
    void valuesOfWildlyDifferentSizesStayAsTheyAre() {
        float[] values = new float[LAYOUT.count()];
        Arrays.fill(values, 0, COUNT, 1e-30f);
        values[1] = Float.MAX_VALUE;
        AdapterWeights weights = AdapterWeights.of(LAYOUT, values);
        float[] coarse = PackCoding.coarse(weights, 0.001).toArray();
        assertThat(Arrays.equals(coarse, values)).isTrue();
        assertThat(roundTrips(file(weights))).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void anyFileComesBackToTheBit(long seed) {
        SplittableRandom draw = new SplittableRandom(seed);
        byte[] file = anyFile(draw);
        byte[] other = draw.nextBoolean() ? anyFile(draw) : file.clone();
        if (draw.nextBoolean() && other.length > 0) {
            other[draw.nextInt(other.length)] ^= 4;
        }
        assertThat(roundTrips(file)).isTrue();
        assertThat(decoded(PackCoding.encode(file, Optional.of(other)), Optional.of(other), file.length))
                .isEqualTo(file);
    }

    @Test
    void bitPatternsThatAreNoOrdinaryNumbersComeBackToo() {
        float[] odd = {-0f, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE, Float.MAX_VALUE, 1e-40f};
        byte[] header =
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24]}}".getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + 24).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        for (float value : odd) {
            file.putFloat(value);
        }
        assertThat(roundTrips(file.array())).isTrue();
    }

    /** 40,000 steps do not fit into 16 bits, and what lies beside a grid is not on it. */
    @Test
    void whatOnlySeemsToLieOnAGridComesBackToTheBit() {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("b", List.of(3))));
        float[][] all = {{1, 2, Math.nextUp(3f)}, {1, 32_767, 0}, {1, 32_768, 0}, {-1, -40_000, 0}};
        for (float[] values : all) {
            assertThat(roundTrips(file(AdapterWeights.of(layout, values))))
                    .as(Arrays.toString(values))
                    .isTrue();
        }
    }

    @Test
    void whatIsNotAFilesEncodingIsRefused() throws Exception {
        byte[] start = file(weights(0, 1));
        byte[] pack = file(PackCoding.coarse(weights(1, 1)));
        byte[] encoded = PackCoding.encode(pack, Optional.of(start));
        byte[] same = PackCoding.encode(start, Optional.of(start));
        assertRefused(encoded, start, pack.length - 4);
        assertRefused(encoded, start, pack.length + 4);
        assertRefused(Arrays.copyOf(encoded, encoded.length - 1), start, pack.length);
        assertRefused(Arrays.copyOf(encoded, encoded.length + 1), start, pack.length);
        assertRefused(new byte[0], start, pack.length);
        assertThatThrownBy(() -> PackCoding.decode(same, Optional.empty(), start.length))
                .isInstanceOf(CodingRefusedException.class);
        assertRefused(same, new byte[10], start.length);
        for (int i = 0; i < 12 + 3 * Stretch.BYTES; i++) { // its head, byte by byte
            byte[] changed = encoded.clone();
            changed[i] ^= 0x40;
            assertThat(decodedOrRefused(changed, start, pack.length)).isNotEqualTo(pack);
        }
    }

    /** A hundred bytes that would unpack to a hundred megabytes are given up at the length that was expected. */
    @Test
    void aBombUnpacksToNoMoreThanWasExpected() {
        byte[] bomb = Deflation.deflate(new byte[100_000_000]);
        assertThat(bomb.length).isLessThan(200_000);
        assertThatThrownBy(() -> Deflation.inflate(bomb, 1000)).isInstanceOf(CodingRefusedException.class);
        byte[] encoded = PackCoding.encode(new byte[100_000_000], Optional.empty());
        assertRefused(encoded, new byte[0], 1000);
    }

    @FuzzTest
    void nothingButARefusalComesOfAnyBytes(byte[] bytes) {
        byte[] decoded = decodedOrRefused(bytes, new byte[64], 64);
        assertThat(decoded.length).isIn(0, 64);
    }

    private static void assertRefused(byte[] encoded, byte[] other, int length) {
        assertThatThrownBy(() -> PackCoding.decode(encoded, Optional.of(other), length))
                .isInstanceOf(CodingRefusedException.class);
    }

    private static byte[] decodedOrRefused(byte[] encoded, byte[] other, int length) {
        try {
            return PackCoding.decode(encoded, Optional.of(other), length);
        } catch (CodingRefusedException e) {
            return new byte[0];
        }
    }

    private static byte[] decoded(byte[] encoded, Optional<byte[]> other, int length) {
        try {
            return PackCoding.decode(encoded, other, length);
        } catch (CodingRefusedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean roundTrips(byte[] file) {
        return Arrays.equals(file, decoded(PackCoding.encode(file, Optional.empty()), Optional.empty(), file.length));
    }

    private static byte[] roundTrip(byte[] file, Optional<byte[]> other) throws CodingRefusedException {
        byte[] encoded = PackCoding.encode(file, other);
        assertThat(PackCoding.decode(encoded, other, file.length)).isEqualTo(file);
        return encoded;
    }

    /** Weights, coarse or not, or bytes of any kind. */
    private static byte[] anyFile(SplittableRandom draw) {
        if (draw.nextInt(4) == 0) {
            byte[] bytes = new byte[draw.nextInt(300)];
            draw.nextBytes(bytes);
            return bytes;
        }
        ParameterLayout layout = ParameterLayout.of(
                List.of(new TensorSpec("a", List.of(1 + draw.nextInt(40))), new TensorSpec("b", List.of(50))));
        float[] values = new float[layout.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = draw.nextInt(3) == 0 ? 0 : Float.intBitsToFloat(draw.nextInt());
            if (!Float.isFinite(values[i])) {
                values[i] = draw.nextInt();
            }
        }
        AdapterWeights weights = AdapterWeights.of(layout, values);
        return file(draw.nextBoolean() ? PackCoding.coarse(weights, 0.01 + draw.nextDouble()) : weights);
    }

    private static byte[] file(AdapterWeights weights) {
        return Safetensors.write(weights, Map.of("format", "pt"));
    }

    private static AdapterWeights withFrozen(AdapterWeights weights, AdapterWeights frozen) {
        float[] values = weights.toArray();
        System.arraycopy(frozen.toArray(), 0, values, 0, COUNT);
        return AdapterWeights.of(LAYOUT, values);
    }

    private AdapterWeights weights(float mean, float deviation) {
        float[] values = new float[LAYOUT.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = mean + deviation * gaussian();
        }
        return AdapterWeights.of(LAYOUT, values);
    }

    private float gaussian() {
        return (float)
                (Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble()));
    }
}
