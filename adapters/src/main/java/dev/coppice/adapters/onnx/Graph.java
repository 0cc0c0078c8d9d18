package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A graph in which every shape is known. Each call is typed as it is made, left out if it changes nothing, computed at
 * once if it is shape arithmetic on constants, and made only once if it is made again. Several models can be cut out of one graph: a model holds just
 * what its outputs need. Equal histories give equal models. Not thread-safe.
 */
public final class Graph {
    /** The version of the standard operators that calls are made in, whatever the models they come from use. */
    public static final int OPSET = 18;

    /** Elements of all that is computed here together: no model that is meant to be one needs more. */
    private static final long FOLDED_MAX = 1 << 26;

    /** What dequantising in blocks, and 4 bits, want; all else means the same there. */
    private static final int BLOCKS_OPSET = 21;

    private final int opset;
    private final String prefix;
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final Map<Tensor, Value> constants = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private final IdentityHashMap<Value, Call> makers = new IdentityHashMap<>();
    private final Map<Node, List<Value>> made = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> reserved = new HashSet<>();
    private final IdentityHashMap<Call, String> origins = new IdentityHashMap<>();
    private String origin = "";
    private int numbered;
    private long folded;

    public Graph() {
        this(OPSET);
    }

    /** @param opset version of the standard operators that models cut out of this graph declare; {@link #OPSET} if less */
    public Graph(int opset) {
        this(opset, "");
    }

    /** @param prefix of all names that are made up here, so that graphs can stand beside each other in one model */
    public Graph(int opset, String prefix) {
        this.opset = Math.max(opset, OPSET);
        this.prefix = prefix;
    }

    public int opset() {
        return opset;
    }

    /** The same inputs, weights and constants, and no calls: for whoever computes the same in another way. */
    public Graph withoutCalls() {
        Graph bare = new Graph(opset, prefix);
        bare.initializers.putAll(initializers);
        bare.constants.putAll(constants);
        bare.names.addAll(names);
        bare.reserved.addAll(reserved);
        bare.numbered = numbered;
        bare.folded = folded;
        return bare;
    }

    /** Makes a call of another graph on these operands; what it computes keeps its names. */
    public List<Value> again(Call call, List<Value> inputs) {
        add(call.with(inputs));
        return call.outputs();
    }

    /** The calls that these values need, in order. */
    public List<Call> callsFor(List<Value> outputs) {
        Set<String> needed = new HashSet<>();
        outputs.forEach(output -> needed.add(output.name()));
        Deque<Call> kept = new ArrayDeque<>();
        for (int i = calls.size() - 1; i >= 0; i--) {
            Call call = calls.get(i);
            if (call.outputs().stream().anyMatch(output -> needed.contains(output.name()))) {
                call.inputs().forEach(input -> needed.add(input.name()));
                kept.addFirst(call);
            }
        }
        return List.copyOf(kept);
    }

    /** All calls so far, each after the calls whose outputs it uses. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Names the node of a model that the calls made from now on stand for, so that refusals can name it. */
    void standFor(String node) {
        this.origin = node;
    }

    /** The node of a model that a call stands for; empty if it stands for none. */
    public String origin(Call call) {
        return origins.getOrDefault(call, "");
    }

    /** Keeps the names of a model's initializers for them: no other value gets one by chance. */
    public void reserveNames(ModelProto model) {
        model.getGraph().getInitializerList().forEach(weight -> reserved.add(weight.getName()));
    }

    /** A value that is fed when the graph runs. */
    public Value input(String name, TensorType type) {
        return new Value(claimed(name), type, null);
    }

    /** A value that the model file holds under this name. */
    public Value weight(String name, Tensor tensor) {
        initializers.put(claimed(name), tensor);
        return new Value(name, TensorType.of(tensor.type(), tensor.shape()), null);
    }

    /** A value that is known now and takes part in folding. */
    public Value constant(Tensor tensor) {
        TensorType type = TensorType.of(tensor.type(), tensor.shape());
        return constants.computeIfAbsent(tensor, key -> {
            String name = fresh("constant");
            initializers.put(name, tensor);
            return new Value(name, type, tensor);
        });
    }

    /** The call that computes a value; empty for one that is fed or stored. */
    public Optional<Call> findMaker(Value value) {
        return Optional.ofNullable(makers.get(value));
    }

    /** Whether the model file holds the value. */
    boolean isStored(Value value) {
        return initializers.containsKey(value.name());
    }

    /**
     * What the model file holds: a weight or a constant.
     *
     * @throws GraphRefusedException if the value is computed or fed
     */
    Tensor stored(Value value) {
        Tensor tensor = initializers.get(value.name());
        if (tensor == null) {
            throw new GraphRefusedException("value " + value.name() + " has to be stored in the model");
        }
        return tensor;
    }

    /** A standard operator's first output. */
    public Value call(String op, Attributes attributes, Value... inputs) {
        return callAll("", op, attributes, List.of(inputs)).get(0);
    }

    /** All outputs that the operator has, the optional ones included unless the first is known without the call. */
    public List<Value> callAll(String domain, String op, Attributes attributes, List<Value> inputs) {
        Call asked = Simplification.withoutEmptyParts(new Call(domain, op, attributes, inputs, List.of()));
        return made.computeIfAbsent(asked.node(), node -> answer(asked));
    }

    private List<Value> answer(Call asked) {
        List<TensorType> types = ShapeRules.infer(asked);
        Optional<Value> same = Simplification.same(asked, types);
        if (same.isPresent()) {
            return List.of(same.get());
        }
        if (types.stream().allMatch(type -> Shapes.count(type.shape()) == 0)) {
            return types.stream().map(type -> constant(Tensor.empty(type))).toList();
        }
        Optional<Tensor> known = Folding.fold(asked, types.get(0));
        if (known.isPresent()) {
            folded += known.get().count();
            if (folded > FOLDED_MAX) {
                throw new GraphRefusedException("the model computes with more constants than " + FOLDED_MAX);
            }
            return List.of(constant(known.get()));
        }
        List<Value> outputs = new ArrayList<>();
        for (TensorType type : types) {
            outputs.add(new Value(fresh(asked.op().toLowerCase(Locale.ROOT)), type, null));
        }
        add(new Call(asked.domain(), asked.op(), asked.attributes(), asked.inputs(), outputs));
        return List.copyOf(outputs);
    }

    private void add(Call call) {
        calls.add(call);
        call.outputs().forEach(output -> makers.put(output, call));
        if (!origin.isEmpty()) {
            origins.put(call, origin);
        }
    }

    /** The operator's only output under a name of its own. */
    public Value callNamed(String name, String domain, String op, List<Value> inputs) {
        Call untyped = new Call(domain, op, Attributes.none(), inputs, List.of());
        Value output = new Value(claimed(name), ShapeRules.infer(untyped).get(0), null);
        add(new Call(domain, op, Attributes.none(), inputs, List.of(output)));
        return output;
    }

    /** The call of this operator that computes a value; empty if the value comes from elsewhere. */
    public Optional<Call> findMaker(Value value, String op) {
        return findMaker(value).filter(call -> call.op().equals(op));
    }

    /** The same value under a name of its own, as outputs need it. */
    public Value named(String name, Value value) {
        return callNamed(name, "", "Identity", List.of(value));
    }

    /**
     * The model that computes these outputs.
     *
     * @param inputs all inputs in the order in which the model declares them, used or not
     * @param outputs in the order in which the model declares them
     */
    public ModelProto model(String name, List<Value> inputs, List<Value> outputs) {
        return model(name, inputs, outputs, Placement.INSIDE);
    }

    /** As above, with constants beside the model file where the placement wants them there. */
    public ModelProto model(String name, List<Value> inputs, List<Value> outputs, Placement placement) {
        List<Call> kept = callsFor(outputs);
        Set<String> needed = new HashSet<>();
        kept.forEach(call -> call.inputs().forEach(input -> needed.add(input.name())));
        outputs.forEach(output -> needed.add(output.name()));
        GraphProto.Builder graph = GraphProto.newBuilder().setName(name);
        inputs.forEach(input -> graph.addInput(info(input)));
        outputs.forEach(output -> graph.addOutput(info(output)));
        initializers.forEach((key, tensor) -> {
            if (needed.contains(key)) {
                graph.addInitializer(placement
                        .place(key, tensor)
                        .map(place -> Protos.tensor(key, tensor.type(), tensor.shape(), place))
                        .orElseGet(() -> Protos.tensor(key, tensor)));
            }
        });
        kept.forEach(call -> graph.addNode(Protos.node(call.node(), graph.getNodeCount())));
        return Protos.model(graph, kept.stream().anyMatch(Graph::isInBlocks) ? Math.max(opset, BLOCKS_OPSET) : opset);
    }

    private static boolean isInBlocks(Call call) {
        return call.op().equals("DequantizeLinear") && call.attributes().integerOr("block_size", 0) > 0;
    }

    private static ValueInfoProto info(Value value) {
        List<Dim> dims = new ArrayList<>();
        for (long size : value.shape()) {
            dims.add(Dim.fixed(size));
        }
        return Protos.info(value.name(), value.element(), dims);
    }

    private String fresh(String kind) {
        String name = prefix + kind + "_" + numbered++;
        while (reserved.contains(name) || !names.add(name)) {
            name = prefix + kind + "_" + numbered++;
        }
        return name;
    }

    private String claimed(String name) {
        if (!names.add(name)) {
            throw new GraphRefusedException("two values are named " + name);
        }
        return name;
    }
}
