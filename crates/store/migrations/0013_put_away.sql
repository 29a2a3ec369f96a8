-- Which campaigns are put away: what waits in them waits for nobody.
create index campaign_archived on campaign (workspace_id, id) where archived_at is not null;
