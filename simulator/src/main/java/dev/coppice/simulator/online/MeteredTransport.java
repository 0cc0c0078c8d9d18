package dev.coppice.simulator.online;

import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Transport;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The network of all devices, with a meter on it. Notes under which ids the aggregator enrols them. */
final class MeteredTransport implements Transport {
    private static final String ENROL = "/v1/enrol";

    private final Transport real;
    private final Meter meter;
    private final ConcurrentLinkedQueue<String> enrolled = new ConcurrentLinkedQueue<>();

    MeteredTransport(Transport real, Meter meter) {
        this.real = real;
        this.meter = meter;
    }

    /** Ids of devices, as far as their certificates can be read. */
    List<String> enrolled() {
        return List.copyOf(enrolled);
    }

    @Override
    public Reply exchange(Request request) throws IOException, InterruptedException {
        long began = System.nanoTime();
        try {
            Reply reply = real.exchange(request);
            meter.answered(
                    request.path(),
                    System.nanoTime() - began,
                    reply.status(),
                    request.body().size(),
                    reply.body().size());
            if (request.path().equals(ENROL) && reply.status() / 100 == 2) {
                note(reply);
            }
            return reply;
        } catch (DeviceGoneException e) {
            throw e;
        } catch (IOException e) {
            meter.unanswered(request.path(), kind(e), request.body().size());
            throw e;
        }
    }

    @Override
    public boolean carriesHeaders() {
        return real.carriesHeaders();
    }

    /** Whether the certificate is any good is the device's to judge. */
    private void note(Reply reply) {
        try {
            EnrolReply said = Messages.parse(
                    EnrolReply.parser(), reply.body(), reply.body().size());
            DeviceCertificate certificate = Messages.parse(
                    DeviceCertificate.parser(),
                    said.getCertificate().getPayload(),
                    said.getCertificate().getPayload().size());
            enrolled.add(certificate.getDeviceId());
        } catch (MessageMalformedException e) {
            // the device refuses it
        }
    }

    private static String kind(IOException failure) {
        for (@Nullable Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof HttpTimeoutException || at instanceof TimeoutException) {
                return "timed out";
            }
            if (at instanceof ConnectException) {
                return "no connection";
            }
        }
        return "connection broken";
    }
}
