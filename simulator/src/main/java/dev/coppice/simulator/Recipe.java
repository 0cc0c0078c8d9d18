package dev.coppice.simulator;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.ModelConfig;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.simulator.operator.TaskDefinition.ServerOptimizer;

/**
 * How a task is trained: what an ML engineer would have found out before. Under privacy only the B factors and the head
 * are trained (FFA, Sun et al. 2024): noise on both factors would multiply.
 *
 * @param batch rows of a batch
 * @param length tokens of a row
 * @param localSteps optimizer steps of one device in one round
 * @param clipNorm L2 bound of one device's update
 * @param course how each device trains its personal adapter
 */
record Recipe(
        LoraSpec lora,
        int batch,
        int length,
        int localSteps,
        double learningRate,
        double clipNorm,
        ServerOptimizer server,
        Course course) {
    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final long LORA_SEED = 20260101;

    /**
     * The recipe for a task.
     *
     * @param tokensUsual length that nearly all of the texts fit into, in tokens
     */
    static Recipe of(Task task, ModelConfig model, int tokensUsual) {
        LoraSpec lora = new LoraSpec(RANK, ALPHA, model.loraTargets(), Factors.B, LORA_SEED);
        int length = Math.min(model.lengthMax(), Math.ceilDiv(Math.max(8, tokensUsual), 8) * 8);
        return new Recipe(lora, 8, length, 10, 1e-2, 0.5, new ServerOptimizer("fedavg", 1, 0), new Course(8, 5, 2e-3f));
    }
}
