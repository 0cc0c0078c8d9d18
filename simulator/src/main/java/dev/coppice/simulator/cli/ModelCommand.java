package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice model}: base models. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = "Makes base models and puts them to work.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ModelPretrainCommand.class,
            ModelPrepareCommand.class,
            ModelImportCommand.class,
            ModelInspectCommand.class,
            ModelGradcheckCommand.class,
            ModelQuantizeCommand.class,
            ModelGenerateCommand.class,
            ModelEvalCommand.class,
            ModelExportCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice model pretrain --generated --seed 1 --out ./pico",
            "  coppice model prepare ./pico --out ./kit",
            "  coppice model import --weights ./stories260K --tokenizer tok512.bin --out ./stories",
            "  coppice model inspect decoder.onnx",
            "  coppice model quantize ./pico --bits 4 --out ./pico-int4",
            "  coppice model generate ./pico --prompt \"turn the lights\"",
            "  coppice model eval ./pico --data texts.jsonl",
            "  coppice model export ./pico --adapter ./skill --out ./merged"
        })
final class ModelCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to do, for example: coppice model pretrain --generated --out ./pico");
    }
}
