package dev.coppice.agent.store;

import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import java.util.SortedMap;

/**
 * What a device has spent, together and in each skill.
 *
 * @param together what counts: budgets are held against it
 * @param bySkill the parts of it by the skill's name; the name is empty for what an aggregator told of, and for charges of
 *     versions that did not note the skill
 */
public record LedgerStatement(Statement together, SortedMap<String, Statement> bySkill) {}
