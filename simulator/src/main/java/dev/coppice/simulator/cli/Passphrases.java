package dev.coppice.simulator.cli;

import dev.coppice.simulator.signer.KeyFile;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Passphrases from a file or the terminal, never from the command line, which others on the machine can read. */
final class Passphrases {
    private Passphrases() {}

    /** One of any length, as whoever chose it before has it. */
    static char[] any(Optional<Path> file, String question) throws IOException {
        return file.isPresent() ? firstLine(file.get()) : ask(question);
    }

    /** One of a holder's. */
    static char[] read(Optional<Path> file, String question) throws IOException {
        char[] passphrase = any(file, question);
        if (passphrase.length < KeyFile.PASSPHRASE_MIN) {
            throw new IOException("a passphrase has " + KeyFile.PASSPHRASE_MIN + " characters or more");
        }
        return passphrase;
    }

    private static char[] firstLine(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.isEmpty() ? new char[0] : lines.getFirst().toCharArray();
    }

    @SuppressWarnings(
            "SystemConsoleNull") // it is both: null where the platform says so, and no terminal where it is not
    private static char[] ask(String question) throws IOException {
        Console console = System.console();
        char[] answer = console == null || !console.isTerminal() ? null : console.readPassword("%s", question);
        if (answer == null) {
            throw new IOException("there is no terminal to ask for the passphrase on; use --passphrase-file");
        }
        return answer;
    }
}
