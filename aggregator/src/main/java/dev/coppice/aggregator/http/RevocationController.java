package dev.coppice.aggregator.http;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore;
import dev.coppice.aggregator.store.Store;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Put;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Map;

/** Revokes devices, for operators: from then on no request of theirs is taken, by any replica. */
@Controller("/v1/admin/devices/{id}/revocation")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
final class RevocationController {
    private final EnrolmentStore store;

    RevocationController(Store store) {
        this.store = store;
    }

    @Get
    HttpResponse<byte[]> revocation(@PathVariable String id) throws RequestRefusedException {
        return Json.ok(Map.of(
                "deviceId",
                id,
                "revoked",
                store.findDevice(id).orElseThrow(RevocationController::missing).revoked()));
    }

    @Put
    HttpResponse<byte[]> revoke(@PathVariable String id) throws RequestRefusedException {
        if (!store.revoke(id)) {
            throw missing();
        }
        return revocation(id);
    }

    private static RequestRefusedException missing() {
        return new RequestRefusedException(Kind.NOT_FOUND, "No such device");
    }
}
