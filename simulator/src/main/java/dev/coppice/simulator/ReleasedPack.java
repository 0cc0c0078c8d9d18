package dev.coppice.simulator;

import com.google.protobuf.ByteString;
import dev.coppice.agent.upload.Transport;
import dev.coppice.agent.upload.Transport.Method;
import dev.coppice.agent.upload.Transport.Reply;
import dev.coppice.agent.upload.Transport.Request;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import dev.coppice.simulator.report.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The released pack as anyone can download it, kept beside the report for people to look into. */
final class ReleasedPack {
    private static final int FILE_BYTES_MAX = 64 << 20;

    private ReleasedPack() {}

    /** Downloads the pack's files and the signed manifest. */
    static Summary.Pack keep(Transport transport, Path folder) throws IOException, InterruptedException {
        SignedRelease release = SignedRelease.parseFrom(get(transport, "/v1/packs/" + Fleets.SKILL));
        ReleaseManifest manifest = ReleaseManifest.parseFrom(release.getManifest());
        Files.createDirectories(folder);
        Files.write(folder.resolve("release.binpb"), release.toByteArray());
        for (PackFile file : manifest.getFilesList()) {
            ByteString bytes = get(transport, "/v1/blobs/" + file.getSha256());
            if (file.getName().contains("/") || file.getName().contains("..")) {
                throw new IOException("a pack's file has the name " + file.getName());
            }
            Files.write(folder.resolve(file.getName()), bytes.toByteArray());
        }
        return new Summary.Pack(
                manifest.getSkill(),
                manifest.getVersion(),
                Sha256.hex(release.getManifest().toByteArray()));
    }

    private static ByteString get(Transport transport, String path) throws IOException, InterruptedException {
        Reply reply = transport.exchange(new Request(Method.GET, path, ByteString.EMPTY, FILE_BYTES_MAX));
        if (reply.status() != 200) {
            throw new IOException("GET " + path + " was answered with status " + reply.status());
        }
        return reply.body();
    }
}
