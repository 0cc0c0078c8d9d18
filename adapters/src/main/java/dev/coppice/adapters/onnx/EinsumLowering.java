package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Einstein sums of one or two operands as products of stacked matrices: letters that both operands and the result have
 * number the stacks, letters that the result lacks are summed over. No ellipsis, no letter twice in one operand.
 */
final class EinsumLowering {
    private final Ops ops;
    private final String left;
    private final String right;
    private final String result;

    private EinsumLowering(Ops ops, String left, String right, String result) {
        this.ops = ops;
        this.left = left;
        this.right = right;
        this.result = result;
    }

    static List<Value> lower(Site s) {
        String equation = s.attributes().textOr("equation", "").replace(" ", "");
        String[] sides = equation.split("->", -1);
        String[] operands = sides[0].split(",", -1);
        boolean simple = sides.length == 2 && operands.length <= 2 && !equation.contains(".");
        for (String letters : operands) {
            simple &= letters.chars().distinct().count() == letters.length();
        }
        s.require(
                simple && operands.length == s.call().inputs().size(),
                "the equation " + equation + " is not supported");
        Ops ops = s.ops();
        if (operands.length == 1) {
            return List.of(new EinsumLowering(ops, operands[0], "", sides[1]).one(s.in(0)));
        }
        return List.of(new EinsumLowering(ops, operands[0], operands[1], sides[1]).two(s.in(0), s.in(1)));
    }

    private Value one(Value x) {
        String kept = letters(left, letter -> result.indexOf(letter) >= 0);
        return ops.transpose(summed(x, left, kept), places(kept, result));
    }

    private Value two(Value a, Value b) {
        String keptA = letters(left, letter -> has(right, letter) || has(result, letter));
        String keptB = letters(right, letter -> has(left, letter) || has(result, letter));
        String stack = letters(keptA, letter -> has(keptB, letter) && has(result, letter));
        String inner = letters(keptA, letter -> has(keptB, letter) && !has(result, letter));
        String rows = letters(keptA, letter -> !has(keptB, letter));
        String columns = letters(keptB, letter -> !has(keptA, letter));
        Value first = ops.transpose(summed(a, left, keptA), places(keptA, stack + rows + inner));
        Value second = ops.transpose(summed(b, right, keptB), places(keptB, stack + inner + columns));
        long[] outer = Shapes.part(first.shape(), 0, stack.length());
        long[] of = Shapes.part(first.shape(), stack.length(), stack.length() + rows.length());
        long[] by = Shapes.part(second.shape(), stack.length() + inner.length(), second.rank());
        long summed = Shapes.count(Shapes.part(first.shape(), stack.length() + rows.length(), first.rank()));
        Value product = ops.matMul(
                ops.reshape(first, Shapes.join(outer, Shapes.count(of), summed)),
                ops.reshape(second, Shapes.join(outer, summed, Shapes.count(by))));
        Value apart = ops.reshape(product, Shapes.join(Shapes.join(outer, of), by));
        return ops.transpose(apart, places(stack + rows + columns, result));
    }

    /** Summed over the letters that are not kept. */
    private Value summed(Value x, String letters, String kept) {
        long[] axes = letters.chars()
                .filter(letter -> !has(kept, letter))
                .mapToLong(letters::indexOf)
                .toArray();
        if (axes.length == 0) {
            return x;
        }
        return ops.graph().call("ReduceSum", Attributes.none().integer("keepdims", 0), x, ops.integers(axes));
    }

    private static String letters(String of, IntPredicate wanted) {
        List<String> found = new ArrayList<>();
        of.chars().filter(wanted).forEach(letter -> found.add(Character.toString(letter)));
        return String.join("", found);
    }

    private static boolean has(String letters, int letter) {
        return letters.indexOf(letter) >= 0;
    }

    private static long[] places(String from, String to) {
        return to.chars().mapToLong(from::indexOf).toArray();
    }
}
