-- An offer that is taken up goes: they are counted at each check-in, and not beside what joined.
delete from round_offer where exists (select 1 from step
    where step.round_id = round_offer.round_id and step.device_id = round_offer.device_id and step.name = 'ADVERTISE');
create index round_offer_when on round_offer (round_id, offered);
