package dev.coppice.aggregator.console;

import static j2html.TagCreator.button;
import static j2html.TagCreator.each;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import dev.coppice.aggregator.release.Rollout;
import dev.coppice.crypto.trust.ReleasedPack;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.List;

/** Released packs and how they move out. */
final class PackView {
    /** A skill with what release keys signed of it. */
    record Skill(String name, List<ReleasedPack> released, List<Rollout> rollouts) {}

    private PackView() {}

    /** Asks for itself again when something changed. */
    static SectionTag live(List<Skill> skills) {
        return section(
                        iff(
                                skills.isEmpty(),
                                p("Nothing has been released yet. Holders of release keys do that with ./coppice pack.")
                                        .withClass("empty")),
                        each(skills, PackView::skill))
                .withId("packs")
                .attr("aria-live", "polite")
                .attr("hx-get", "/console/packs-now")
                .attr("hx-trigger", "sse:changed")
                .attr("hx-swap", "outerHTML");
    }

    private static DomContent skill(Skill skill) {
        return section(
                h2(skill.name()),
                Tables.of(
                        "Rollouts of " + skill.name(),
                        List.of("Device class", "Version", "Share", "Since", "State", "Otherwise", "Halt"),
                        skill.rollouts().stream()
                                .map(rollout -> rollout(skill.name(), rollout))
                                .toList(),
                        "No rollout: devices take the newest pack for their model."),
                Tables.of(
                        "Releases of " + skill.name(),
                        List.of("Version", "Base model", "Files", "Bytes"),
                        skill.released().stream().map(PackView::pack).toList(),
                        "None."));
    }

    private static List<DomContent> rollout(String skill, Rollout rollout) {
        int permille = rollout.stepsPermille().get(rollout.step());
        return List.of(
                text(rollout.deviceClass().equals("*") ? "all" : rollout.deviceClass()),
                text(Long.toString(rollout.version())),
                text(rollout.isHalted() ? "none" : Numbers.share(permille / 1000.0)),
                text(Numbers.time(rollout.since())),
                rollout.isHalted()
                        ? span("halted: " + rollout.haltedBecause()).withClass("bad")
                        : span("moving out").withClass("good"),
                text(rollout.otherwise() == 0 ? "none" : Long.toString(rollout.otherwise())),
                rollout.isHalted() ? text("") : halt(skill, rollout));
    }

    private static DomContent halt(String skill, Rollout rollout) {
        return form(
                        input().withType("hidden").withName("deviceClass").withValue(rollout.deviceClass()),
                        button("Halt").withType("submit").withClass("danger"))
                .withMethod("post")
                .withAction("/console/rollouts/" + skill + "/halt")
                .attr(
                        "data-confirm",
                        "Halt version " + rollout.version() + " of " + skill + "? Devices go back to "
                                + (rollout.otherwise() == 0 ? "having none." : "version " + rollout.otherwise() + "."));
    }

    private static List<DomContent> pack(ReleasedPack pack) {
        long bytes =
                pack.files().values().stream().mapToLong(file -> file.length()).sum();
        return List.of(
                text(Long.toString(pack.version())),
                text(pack.baseModelSha256().substring(0, 12)),
                text(Integer.toString(pack.files().size())),
                text(Numbers.plain((double) bytes)));
    }
}
