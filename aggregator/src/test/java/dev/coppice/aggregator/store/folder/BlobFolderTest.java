package dev.coppice.aggregator.store.folder;

import dev.coppice.aggregator.store.BlobContract;
import dev.coppice.aggregator.store.BlobStore;
import java.io.IOException;
import java.nio.file.Files;

class BlobFolderTest extends BlobContract {
    @Override
    protected BlobStore open() {
        return new BlobFolder(home.resolve("blobs"));
    }

    @Override
    protected void damage(String sha256) throws IOException {
        Files.write(open().find(sha256).orElseThrow(), new byte[] {1, 2, 4});
    }
}
