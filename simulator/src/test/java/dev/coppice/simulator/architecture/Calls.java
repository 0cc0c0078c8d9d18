package dev.coppice.simulator.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import java.util.Set;

/** Calls that rules are about. */
final class Calls {
    private static final Set<String> CLOCKS = Set.of("systemUTC", "systemDefaultZone", "system");

    private Calls() {}

    /** {@code X.now()} of java.time, a system clock, or {@code currentTimeMillis}. */
    static DescribedPredicate<JavaMethodCall> ofTheWallClock() {
        return DescribedPredicate.describe("read the wall clock", call -> readsTheWallClock(call.getTarget()));
    }

    private static boolean readsTheWallClock(AccessTarget.MethodCallTarget target) {
        String owner = target.getOwner().getName();
        String method = target.getName();
        if (owner.startsWith("java.time.")) {
            boolean now = method.equals("now") && target.getRawParameterTypes().isEmpty();
            return now || CLOCKS.contains(method);
        }
        return owner.equals("java.lang.System") && method.equals("currentTimeMillis");
    }
}
