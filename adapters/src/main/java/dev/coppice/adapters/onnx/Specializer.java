package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Replays a model with free axes into a {@link Graph} whose inputs have static shapes: every shape becomes known, and
 * shape arithmetic disappears. Functions and branches whose condition is known are written out, operators are brought
 * to one version, fused ones are lowered, half-precision numbers become {@code real}. On the way a {@link ProductHook}
 * may change products with weights. Used once.
 */
public final class Specializer {
    /** Nodes of a model whose functions are written out. */
    private static final int NODES_MAX = 1 << 20;
    /** How deep functions may call each other. */
    private static final int DEPTH_MAX = 32;

    private final StoredModel stored;
    private final ModelProto model;
    private final Graph graph;
    private final ProductHook hook;
    private final Ops ops;
    private final Functions functions;
    private final Retyping retyping;
    private int replayed;
    private int depth;

    /** @param real what the model's fractions become: FLOAT, or DOUBLE for numerical checks */
    public Specializer(StoredModel stored, Graph graph, ElementType real, ProductHook hook) {
        this.stored = stored;
        this.model = stored.proto();
        this.graph = graph;
        this.hook = hook;
        this.ops = new Ops(graph);
        this.functions = new Functions(model);
        this.retyping = new Retyping(real);
    }

    /** The fused operators of a model that are written in terms of others, as {@code domain.name}. */
    public static Set<String> lowered(ModelProto model) {
        return Supported.lowered(model);
    }

    /**
     * Replays the model.
     *
     * @param bound values that take the place of the model's inputs (all of them) and of any initializers, by name
     * @return all of the model's values by the names they have in the model
     * @throws GraphRefusedException naming the node, its operator and, where there is one, a way out
     */
    public Map<String, Value> run(Map<String, Value> bound) {
        Supported.require(model);
        graph.reserveNames(model);
        Scope scope = Scope.of(Opsets.of(model));
        TiedWeights tied = TiedWeights.of(stored);
        bound.forEach(scope::put);
        for (TensorProto initializer : model.getGraph().getInitializerList()) {
            String name = initializer.getName();
            if (!scope.has(name)) {
                scope.put(name, findTwin(tied, name, scope, bound).orElseGet(() -> stored(initializer)));
            }
            markMatrix(scope, initializer);
        }
        model.getGraph().getInputList().forEach(input -> {
            if (bound.containsKey(input.getName())) {
                scope.put(input.getName(), bound.get(input.getName()));
            } else if (!scope.has(input.getName())) {
                throw new GraphRefusedException("nothing is known to feed input " + input.getName());
            }
        });
        model.getGraph().getNodeList().forEach(node -> replay(node, scope));
        graph.standFor("");
        return scope.values();
    }

    /** A copy follows what is bound in the place of its twin; a frozen one that needs transposing stays itself. */
    private Optional<Value> findTwin(TiedWeights tied, String name, Scope scope, Map<String, Value> bound) {
        for (TiedWeights.Pair pair : tied.twins(name)) {
            String twin = pair.first().equals(name) ? pair.copy() : pair.first();
            if (scope.has(twin) && (bound.containsKey(twin) || !pair.transposed())) {
                return Optional.of(pair.transposed() ? ops.swap(scope.value(twin)) : scope.value(twin));
            }
        }
        return Optional.empty();
    }

    private Value stored(TensorProto initializer) {
        Tensor tensor = retyping.of(stored.tensor(initializer));
        return tensor.type().isReal() && tensor.count() > 1
                ? graph.weight(initializer.getName(), tensor)
                : graph.constant(tensor);
    }

    private static void markMatrix(Scope scope, TensorProto tensor) {
        boolean inBlocks = tensor.getDimsCount() == 3 && tensor.getDataType() == ElementType.UINT8.code();
        if (tensor.getDimsCount() == 2 || inBlocks) {
            scope.mark(tensor.getName(), Optional.of(new Scope.Weight(tensor.getName(), false)));
        }
    }

    private void replay(NodeProto node, Scope scope) {
        String named = Supported.describe(node, scope.opsets());
        try {
            require(++replayed <= NODES_MAX, "the model has more than " + NODES_MAX + " nodes");
            if (scope.isOutermost()) {
                graph.standFor(named);
            }
            List<Value> outputs = outputs(node, scope);
            for (int i = 0; i < node.getOutputCount(); i++) {
                if (!node.getOutput(i).isEmpty() && i < outputs.size()) {
                    scope.put(node.getOutput(i), outputs.get(i));
                }
            }
        } catch (GraphRefusedException e) {
            throw e.at(named);
        } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            // Rules reckon with what the operators' documents promise of shapes and attributes.
            throw new GraphRefusedException("its inputs and attributes do not fit together", e).at(named);
        }
    }

    private List<Value> outputs(NodeProto node, Scope scope) {
        if (node.getOpType().equals("Constant")) {
            return List.of(constant(node, scope));
        }
        if (node.getOpType().equals("If")) {
            return branch(node, scope);
        }
        List<Value> inputs = new ArrayList<>();
        node.getInputList().forEach(name -> inputs.add(scope.value(name)));
        Optional<FunctionProto> function = functions.find(node);
        if (function.isPresent()) {
            return body(function.get(), node, inputs, scope);
        }
        follow(node, scope);
        List<Optional<Scope.Weight>> weights =
                node.getInputList().stream().map(scope::weight).toList();
        if (weights.size() > 1 && inputs.get(0).rank() > 1) {
            weights.get(1).ifPresent(weight -> inputs.set(0, hook.ahead(weight.initializer(), inputs.get(0))));
        }
        Call call = new Call(Opsets.domain(node.getDomain()), node.getOpType(), retyping.of(node), inputs, List.of());
        return make(call, scope.opsets().version(call.domain()), node.getOutputCount(), weights);
    }

    /** A matrix among the nodes is as good as one among the initializers. */
    private Value constant(NodeProto node, Scope scope) {
        Tensor tensor = retyping.of(Literals.tensor(node.getAttribute(0)));
        String name = node.getOutput(0);
        if (!scope.isOutermost() || !tensor.type().isReal() || tensor.shape().length != 2) {
            return graph.constant(tensor);
        }
        scope.mark(name, Optional.of(new Scope.Weight(name, false)));
        return scope.has(name) ? scope.value(name) : graph.weight(name, tensor);
    }

    private List<Value> branch(NodeProto node, Scope scope) {
        Tensor condition = scope.value(node.getInput(0))
                .constant()
                .orElseThrow(
                        () -> new GraphRefusedException("a branch that depends on data is not supported; export the"
                                + " model without control flow, or the decoder without its cache"));
        String taken = condition.toLongs()[0] != 0 ? "then_branch" : "else_branch";
        GraphProto graphOf = node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(taken))
                .map(AttributeProto::getG)
                .findFirst()
                .orElseThrow(() -> new GraphRefusedException("the branch " + taken + " is missing"));
        Scope inner = scope.inner();
        for (TensorProto initializer : graphOf.getInitializerList()) {
            inner.put(initializer.getName(), graph.constant(retyping.of(ModelReader.tensor(initializer))));
        }
        graphOf.getNodeList().forEach(each -> replay(each, inner));
        return graphOf.getOutputList().stream()
                .map(output -> inner.value(output.getName()))
                .toList();
    }

    private List<Value> body(FunctionProto function, NodeProto node, List<Value> inputs, Scope scope) {
        Scope inner = Scope.of(Opsets.of(function.getOpsetImportList()));
        for (int i = 0; i < function.getInputCount(); i++) {
            inner.put(function.getInput(i), i < inputs.size() ? inputs.get(i) : Value.ABSENT);
            inner.mark(
                    function.getInput(i), i < node.getInputCount() ? scope.weight(node.getInput(i)) : Optional.empty());
        }
        require(++depth <= DEPTH_MAX, "functions call each other more than " + DEPTH_MAX + " deep");
        functions.nodes(function, node).forEach(each -> replay(each, inner));
        depth--;
        return function.getOutputList().stream().map(inner::value).toList();
    }

    /** Exporters put a Transpose, an Identity, a Cast or a DequantizeLinear between a weight and its product. */
    private void follow(NodeProto node, Scope scope) {
        boolean dequantizes = node.getOpType().equals("DequantizeLinear");
        Optional<Scope.Weight> weight =
                node.getInputCount() == 1 || dequantizes ? scope.weight(node.getInput(0)) : Optional.empty();
        switch (node.getOpType()) {
            case "Transpose" -> {
                boolean swaps = Attributes.of(node.getAttributeList())
                        .findIntegers("perm")
                        .map(axes -> axes[0] == 1)
                        .orElse(true);
                scope.mark(node.getOutput(0), weight.map(known -> known.flipped(swaps)));
            }
            case "Identity", "Cast", "DequantizeLinear" -> scope.mark(node.getOutput(0), weight);
            default -> {}
        }
    }

    private List<Value> make(Call call, int version, int outputs, List<Optional<Scope.Weight>> weights) {
        Optional<Lowering> lowering = Lowerings.find(call.domain(), call.op());
        if (lowering.isPresent()) {
            Site.Calls again = (domain, op, attributes, inputs) -> make(
                    new Call(domain, op, attributes, inputs, List.of()),
                    domain.isEmpty() ? Graph.OPSET : 1,
                    1,
                    List.of());
            Site.Products products = (x, input, transposed) -> {
                Value w = call.input(input);
                Value y = product(x, transposed ? ops.swap(w) : w);
                return weights.isEmpty() ? y : beside(weights.get(input), transposed, x, w, y);
            };
            Site.Besides besides = (x, input, y) -> weights.isEmpty() ? y : beside(weights.get(input), true, x, y);
            return lowering.get().lower(new Site(call, version, outputs, ops, again, products, besides));
        }
        List<Value> results =
                new ArrayList<>(graph.callAll(call.domain(), call.op(), call.attributes(), call.inputs()));
        boolean isProduct = call.op().equals("Gemm") && call.attributes().integerOr("transA", 0) == 0;
        if (weights.size() > 1 && isProduct) {
            boolean flipped = call.attributes().integerOr("transB", 0) != 0;
            results.set(0, beside(weights.get(1), flipped, call.input(0), call.input(1), results.get(0)));
        }
        return results;
    }

    private Value product(Value x, Value matrix) {
        return QuantizedLowerings.findProduct(ops, x, matrix)
                .or(() -> findProductWithTurned(x, matrix))
                .orElseGet(() -> ops.matMul(x, matrix));
    }

    /** The product with a stored matrix that is turned first, as it is stored: ONNX Runtime would keep a turned copy. */
    private Optional<Value> findProductWithTurned(Value x, Value matrix) {
        return graph.findMaker(matrix, "Transpose")
                .map(call -> call.input(0))
                .filter(source -> graph.isStored(source) && matrix.rank() == 2)
                .map(source -> ops.timesTurned(x, source));
    }

    private Value beside(Optional<Scope.Weight> weight, boolean flipped, Value x, Value w, Value y) {
        return w.rank() == 2 ? beside(weight, flipped, x, y) : y;
    }

    private Value beside(Optional<Scope.Weight> weight, boolean flipped, Value x, Value y) {
        return weight.map(known -> known.flipped(flipped))
                .map(known -> hook.after(graph, known.initializer(), known.transposed(), x, y))
                .orElse(y);
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new GraphRefusedException(problem);
        }
    }
}
