package dev.coppice.aggregator.http;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.RetentionStore;
import dev.coppice.aggregator.store.Store;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

/** Deletes what is kept of a device, when it asks for that. */
@Controller("/v1/admin/devices/{id}")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
final class ErasureController {
    private final RetentionStore store;

    ErasureController(Store store) {
        this.store = store;
    }

    @Delete
    HttpResponse<byte[]> delete(@PathVariable String id) throws RequestRefusedException {
        if (!store.forgetDevice(id)) {
            throw new RequestRefusedException(Kind.NOT_FOUND, "No such device");
        }
        return HttpResponse.noContent();
    }
}
