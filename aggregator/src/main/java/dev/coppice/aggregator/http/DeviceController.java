package dev.coppice.aggregator.http;

import dev.coppice.aggregator.enrolment.Arrival;
import dev.coppice.aggregator.enrolment.DeviceGate;
import dev.coppice.aggregator.enrolment.DeviceGate.Sent;
import dev.coppice.aggregator.enrolment.EnrolmentDesk;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.round.CheckInDesk;
import dev.coppice.aggregator.round.Intake;
import dev.coppice.aggregator.round.Polls;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.enrolment.RenewRequest;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What devices send. Each request but for enrolment is signed as HTTP has it, with the message as its body, or its body is a {@code
 * DeviceRequest}.
 */
@Hidden
@Controller("/v1")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.VIRTUAL)
final class DeviceController {
    private final DeviceGate gate;
    private final EnrolmentDesk enrolment;
    private final CheckInDesk checkIns;
    private final Intake intake;
    private final Polls polls;

    DeviceController(DeviceGate gate, EnrolmentDesk enrolment, CheckInDesk checkIns, Intake intake, Polls polls) {
        this.gate = gate;
        this.enrolment = enrolment;
        this.checkIns = checkIns;
        this.intake = intake;
        this.polls = polls;
    }

    @Post("/enrol")
    HttpResponse<byte[]> enrol(@Body byte @Nullable [] body) throws RequestRefusedException {
        return Protobuf.ok(enrolment.enrol(Protobuf.bytes(body)));
    }

    @Post("/renew")
    HttpResponse<byte[]> renew(HttpRequest<?> request, @Body byte @Nullable [] body) throws RequestRefusedException {
        Sent<RenewRequest> sent =
                gate.open(arrived(request, body), Purpose.RENEWAL, RenewRequest.parser(), DeviceRoutes.SMALL_BYTES_MAX);
        return Protobuf.ok(enrolment.renew(sent.sender(), sent.message()));
    }

    @Post("/checkin")
    HttpResponse<byte[]> checkIn(HttpRequest<?> request, @Body byte @Nullable [] body) throws RequestRefusedException {
        Sent<CheckIn> sent =
                gate.open(arrived(request, body), Purpose.CHECK_IN, CheckIn.parser(), CheckInDesk.CHECK_IN_BYTES_MAX);
        return Protobuf.ok(checkIns.checkIn(sent.sender(), sent.message()));
    }

    @Post("/rounds/{id}/advertise")
    HttpResponse<byte[]> advertise(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<Advertisement> sent = gate.open(
                arrived(request, body), Purpose.ADVERTISE, Advertisement.parser(), Limits.ADVERTISEMENT_BYTES_MAX);
        return Protobuf.ok(intake.advertise(sent.sender(), id, sent.message()));
    }

    @Post("/rounds/{id}/open")
    HttpResponse<byte[]> open(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<NonceOpening> sent =
                gate.open(arrived(request, body), Purpose.OPEN, NonceOpening.parser(), DeviceRoutes.SMALL_BYTES_MAX);
        return Protobuf.ok(intake.open(sent.sender(), id, sent.message()));
    }

    @Post("/rounds/{id}/shares")
    HttpResponse<byte[]> shares(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<ShareBundle> sent =
                gate.open(arrived(request, body), Purpose.SHARES, ShareBundle.parser(), Limits.ROUND_MESSAGE_BYTES_MAX);
        return Protobuf.ok(intake.share(sent.sender(), id, sent.message()));
    }

    @Post("/rounds/{id}/masked")
    HttpResponse<byte[]> masked(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<MaskedInput> sent = gate.open(
                arrived(request, body), Purpose.MASKED_INPUT, MaskedInput.parser(), Limits.MASKED_INPUT_BYTES_MAX);
        return Protobuf.ok(intake.mask(sent.sender(), id, sent.message(), sent.bytes()));
    }

    @Post("/rounds/{id}/attest")
    HttpResponse<byte[]> attest(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<Attestation> sent =
                gate.open(arrived(request, body), Purpose.ATTEST, Attestation.parser(), DeviceRoutes.SMALL_BYTES_MAX);
        return Protobuf.ok(intake.attest(sent.sender(), id, sent.message()));
    }

    @Post("/rounds/{id}/sample")
    HttpResponse<byte[]> sample(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<Sample> sent =
                gate.open(arrived(request, body), Purpose.SAMPLE, Sample.parser(), DeviceRoutes.SMALL_BYTES_MAX);
        return Protobuf.ok(polls.sample(sent.sender(), id, sent.message()));
    }

    @Post("/rounds/{id}/unmask")
    HttpResponse<byte[]> unmask(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException {
        Sent<Unmasking> sent =
                gate.open(arrived(request, body), Purpose.UNMASK, Unmasking.parser(), Limits.ROUND_MESSAGE_BYTES_MAX);
        return Protobuf.ok(intake.unmask(sent.sender(), id, sent.message()));
    }

    @Post("/rounds/{id}/poll")
    HttpResponse<byte[]> poll(@PathVariable String id, HttpRequest<?> request, @Body byte @Nullable [] body)
            throws RequestRefusedException, InterruptedException {
        Sent<Poll> sent = gate.open(arrived(request, body), Purpose.POLL, Poll.parser(), DeviceRoutes.SMALL_BYTES_MAX);
        return Protobuf.ok(polls.poll(sent.sender(), id, sent.message()));
    }

    private static Arrival arrived(HttpRequest<?> request, byte @Nullable [] body) {
        return new Arrival(
                request.getMethodName(),
                request.getUri().getRawPath(),
                name -> joined(request.getHeaders().getAll(name)),
                Protobuf.bytes(body));
    }

    /** Several lines are one value (RFC 9110, section 5.3): whoever sends two signatures claims to have signed. */
    private static Optional<String> joined(List<String> lines) {
        return lines.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", lines));
    }
}
