package dev.coppice.protocol.round;

/** How many examples a device holds, as coarsely as it tells: by powers of four. */
public final class ExampleCounts {
    private static final int FIRST = ExampleCount.FROM_1_VALUE;
    private static final int LAST = ExampleCount.FROM_1024_VALUE;

    private ExampleCounts() {}

    /** What is told of so many examples. */
    public static ExampleCount of(int examples) {
        if (examples <= 0) {
            return ExampleCount.NO_EXAMPLES;
        }
        int powersOfFour = (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(examples)) / 2;
        return ExampleCount.forNumber(Math.min(LAST, FIRST + powersOfFour));
    }

    /** Whether who tells this may hold so many examples; true if it tells nothing, or what is not known here. */
    public static boolean mayBe(ExampleCount told, int examples) {
        return switch (told) {
            case NOT_TOLD, UNRECOGNIZED -> true;
            case NO_EXAMPLES, FROM_1, FROM_4, FROM_16, FROM_64, FROM_256, FROM_1024 ->
                of(examples).compareTo(told) <= 0;
        };
    }
}
