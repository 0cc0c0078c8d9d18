package dev.coppice.adapters.pack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.Kit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** skill.json: what a pack is and how it came about. Only the form that we write is accepted. */
final class SkillJson {
    private static final int ROUNDS_MAX = 100_000;
    private static final int CLASSES_MAX = 1_000;

    private SkillJson() {}

    static byte[] bytes(Kit kit, SkillFacts facts) {
        ObjectNode skill = PackJson.object();
        skill.put("skill", facts.skill());
        skill.put("version", facts.version());
        skill.put("baseModelSha256", kit.modelSha256());
        skill.put("kitSha256", kit.sha256());
        skill.put("task", kit.spec().task().name());
        skill.put("rank", kit.spec().lora().rank());
        texts(skill.putArray("targets"), kit.spec().lora().targets());
        texts(skill.putArray("labels"), kit.spec().labels());
        ArrayNode cohorts = skill.putArray("cohortSizes");
        facts.cohortSizes().forEach(cohorts::add);
        ObjectNode privacy = skill.putObject("privacy");
        privacy.put("mechanism", facts.privacy().mechanism());
        privacy.put("epsilon", PackJson.figure(facts.privacy().epsilon()));
        privacy.put("delta", PackJson.figure(facts.privacy().delta()));
        privacy.put("noiseMultiplier", PackJson.figure(facts.privacy().noiseMultiplier()));
        privacy.put("participations", facts.privacy().participations());
        ArrayNode evaluation = skill.putArray("evaluation");
        for (ClassAccuracy accuracy : facts.evaluation()) {
            ObjectNode ofClass = evaluation.addObject();
            ofClass.put("deviceClass", accuracy.deviceClass());
            ofClass.put("devices", PackJson.figure(accuracy.devices()));
            ofClass.put("accuracyBefore", PackJson.figure(accuracy.before()));
            ofClass.put("accuracy", PackJson.figure(accuracy.after()));
            ofClass.put("low95", PackJson.figure(accuracy.low()));
            ofClass.put("high95", PackJson.figure(accuracy.high()));
        }
        return PackJson.bytes(skill);
    }

    static SkillFacts read(byte[] json, Kit kit) throws PackRefusedException {
        JsonNode skill = PackJson.parse(json, PackContents.SKILL);
        SkillFacts facts;
        try {
            JsonNode privacy = skill.path("privacy");
            facts = new SkillFacts(
                    skill.path("skill").asText(),
                    skill.path("version").asLong(),
                    cohorts(skill.path("cohortSizes")),
                    new PrivacyFacts(
                            privacy.path("mechanism").asText(),
                            privacy.path("epsilon").asDouble(),
                            privacy.path("delta").asDouble(),
                            privacy.path("noiseMultiplier").asDouble(),
                            privacy.path("participations").asInt()),
                    evaluation(skill.path("evaluation")));
        } catch (IllegalArgumentException e) {
            throw new PackRefusedException(PackContents.SKILL + " has a value out of range", e);
        }
        if (!kit.modelSha256().equals(skill.path("baseModelSha256").asText())) {
            throw new PackRefusedException("this pack was made for another base model");
        }
        if (!Arrays.equals(json, bytes(kit, facts))) {
            throw new PackRefusedException(PackContents.SKILL + " was made for another kit or is not in its one form");
        }
        return facts;
    }

    private static List<Integer> cohorts(JsonNode sizes) throws PackRefusedException {
        require(sizes.size() <= ROUNDS_MAX);
        List<Integer> cohorts = new ArrayList<>();
        sizes.forEach(size -> cohorts.add(size.asInt(-1)));
        return cohorts;
    }

    private static List<ClassAccuracy> evaluation(JsonNode classes) throws PackRefusedException {
        require(classes.size() <= CLASSES_MAX);
        List<ClassAccuracy> evaluation = new ArrayList<>();
        for (JsonNode ofClass : classes) {
            evaluation.add(new ClassAccuracy(
                    ofClass.path("deviceClass").asText(),
                    ofClass.path("devices").asDouble(),
                    ofClass.path("accuracyBefore").asDouble(),
                    ofClass.path("accuracy").asDouble(),
                    ofClass.path("low95").asDouble(),
                    ofClass.path("high95").asDouble()));
        }
        return evaluation;
    }

    private static void require(boolean fits) throws PackRefusedException {
        if (!fits) {
            throw new PackRefusedException(PackContents.SKILL + " holds too much");
        }
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
