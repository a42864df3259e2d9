using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Notifications;
using Orchestrator.Host.Tests.Http;
using Serilog;

namespace Orchestrator.Host.Tests.Notifications;

public sealed class NotificationTests : IAsyncDisposable
{
    private const string Self = "akka.tcp://orchestrator@127.0.0.1:1";

    private readonly ActorSystem system = ActorSystem.Create("notify-test", ConfigurationFactory.ParseString("akka.actor.provider = local, akka.loglevel = OFF"));

    public async ValueTask DisposeAsync() => await system.Terminate();

    [Fact]
    public async Task An_event_arrives_as_a_signed_CloudEvent_and_is_sent_again_until_it_is_taken()
    {
        await using var receiver = await Receiver.Start(attempt => attempt < 3 ? 503 : 204);
        await using var notifier = Start(receiver, "secret = s3cret", new FakeSupervisor(
            Samples.Run("r-1", "completed", Samples.Now), new RunStarted(Samples.Now), new RunCompleted(true, Samples.Now)));

        var attempts = new[] { await receiver.Next(), await receiver.Next(), await receiver.Next() };
        var (headers, body) = attempts[2];
        var e = JsonElement.Parse(body);
        Assert.Equal("application/cloudevents+json", headers["content-type"]);
        Assert.Equal("1.0", e.GetProperty("specversion").GetString());
        Assert.Equal("r-1-1", e.GetProperty("id").GetString());
        Assert.Equal("/clusters/main", e.GetProperty("source").GetString());
        Assert.Equal("orchestrator.run-started", e.GetProperty("type").GetString());
        Assert.Equal("r-1", e.GetProperty("subject").GetString());
        Assert.Equal("application/json", e.GetProperty("datacontenttype").GetString());
        Assert.Equal("Started.", e.GetProperty("data").GetProperty("event").GetProperty("message").GetString());
        Assert.All(attempts, attempt => Assert.Equal(body, attempt.Body));
        Assert.All(attempts, attempt => Assert.Equal("r-1-1", attempt.Headers["webhook-id"]));
        Assert.All(attempts, attempt => Assert.Equal(Signature("s3cret", attempt), attempt.Headers["webhook-signature"]));
        Assert.Equal("orchestrator.run-completed", JsonElement.Parse((await receiver.Next()).Body).GetProperty("type").GetString());
    }

    [Fact]
    public async Task What_happened_to_a_node_outside_of_a_run_is_sent_under_its_own_type()
    {
        await using var receiver = await Receiver.Start(_ => 200);
        var supervisor = new FakeSupervisor(Samples.Run("r-1", "completed", Samples.Now));
        supervisor.Audit("freeze", "main");
        supervisor.Audit("node-unreachable", "main", by: "supervisor");
        supervisor.Audit("node-unreachable", "main", by: "ann");
        await using var notifier = Start(receiver, "events = [\"*node-*\"]", supervisor);

        var told = new[] { JsonElement.Parse((await receiver.Next()).Body), JsonElement.Parse((await receiver.Next()).Body) };
        Assert.Equal(
            ["audit-2 orchestrator.node-unreachable", "audit-3 orchestrator.audit-node-unreachable"],
            told.Select(e => $"{e.GetProperty("id").GetString()} {e.GetProperty("type").GetString()}"));
    }

    [Fact]
    public async Task Only_wanted_events_of_wanted_clusters_are_sent()
    {
        await using var receiver = await Receiver.Start(_ => 200);
        await using var notifier = Start(receiver, "events = [\"run-c*\"], clusters = [main]", new FakeSupervisor(
            Samples.Run("r-1", "completed", Samples.Now), new RunStarted(Samples.Now), new StepFailed(1, "x", Samples.Now), new RunCompleted(false, Samples.Now)));

        var (headers, body) = await receiver.Next();
        Assert.Equal("orchestrator.run-completed", JsonElement.Parse(body).GetProperty("type").GetString());
        Assert.False(headers.ContainsKey("webhook-signature"));
    }

    [Fact]
    public async Task An_address_that_is_gone_is_not_tried_again()
    {
        await using var receiver = await Receiver.Start(attempt => attempt == 1 ? 410 : 200);
        await using var notifier = Start(receiver, "", new FakeSupervisor(
            Samples.Run("r-1", "completed", Samples.Now), new RunStarted(Samples.Now), new RunCompleted(false, Samples.Now)));

        Assert.Equal("r-1-1", (await receiver.Next()).Headers["webhook-id"]);
        Assert.Equal("r-1-2", (await receiver.Next()).Headers["webhook-id"]);
    }

    [Fact]
    public async Task After_a_restart_an_event_that_was_not_taken_comes_and_one_that_was_does_not()
    {
        var fake = new FakeSupervisor(Samples.Run("r-1", "running"), new RunStarted(Samples.Now), new StepFailed(1, "x", Samples.Now));
        await using var receiver = await Receiver.Start(attempt => attempt == 1 || attempt > 3 ? 204 : 503);
        await using (Start(receiver, "", fake))
        {
            Assert.Equal("r-1-1", (await receiver.Next()).Headers["webhook-id"]);
            Assert.Equal("r-1-2", (await receiver.Next()).Headers["webhook-id"]);
        }

        fake.Add(new RunCompleted(true, Samples.Now));
        await using var again = Start(receiver, "", fake);

        var ids = new List<string>();
        while (ids.LastOrDefault() != "r-1-3")
        {
            ids.Add((await receiver.Next()).Headers["webhook-id"]);
        }

        Assert.Equal(["r-1-2", "r-1-3"], ids.Distinct());
    }

    [Fact]
    public async Task Nothing_is_sent_while_another_process_hosts_the_supervisor_and_its_place_is_taken_over()
    {
        var fake = new FakeSupervisor(Samples.Run("r-1", "running"), new RunStarted(Samples.Now), new StepFailed(1, "x", Samples.Now)) { Host = "another" };
        await using var receiver = await Receiver.Start(_ => 204);
        await using var notifier = Start(receiver, "", fake);
        await fake.Looks(3);
        fake.Answer(new FollowWebhooks(["a"], Samples.Now.AddMinutes(-10), ["r-1"], Samples.Now));
        fake.Answer(new MoveWebhook("a", "r-1", 1, Samples.Now));

        fake.Host = Self;

        Assert.Equal("r-1-2", (await receiver.Next()).Headers["webhook-id"]);
    }

    [Fact]
    public async Task Freezes_missed_windows_full_disks_and_awaited_approvals_are_told_of_unless_something_else_is_asked_for()
    {
        var fake = new FakeSupervisor(
            Samples.Run("r-1", "waiting"),
            new RunWaiting("approval", "somebody else must approve it", Samples.Now),
            new CheckEvaluated(1, new CheckResult("disk-space", false, "12 GiB are free and 20 GiB needed"), Samples.Now),
            new CheckEvaluated(1, new CheckResult("disk-space", true, "enough"), Samples.Now));
        fake.Audit("freeze", "");
        fake.Audit("throttle-run", "main");
        fake.Audit("missed-windows", "another");
        await using var receiver = await Receiver.Start(_ => 204);
        await using var notifier = Start(receiver, "", fake);

        var events = new[] { await receiver.Next(), await receiver.Next(), await receiver.Next(), await receiver.Next() }.Select(e => JsonElement.Parse(e.Body)).ToList();

        Assert.Equal(
            ["orchestrator.audit-freeze", "orchestrator.audit-missed-windows", "orchestrator.run-waiting", "orchestrator.check-failed-disk-space"],
            events.Select(e => e.GetProperty("type").GetString()));
        Assert.Equal(["audit-1", "audit-3", "r-1-1", "r-1-2"], events.Select(e => e.GetProperty("id").GetString()));
        Assert.Equal("/clusters", events[0].GetProperty("source").GetString());
        Assert.Equal("ann", events[0].GetProperty("data").GetProperty("entry").GetProperty("by").GetString());
        Assert.Equal("Waits for approval: somebody else must approve it", events[2].GetProperty("data").GetProperty("event").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_dead_address_holds_up_neither_the_others_nor_itself_for_ever()
    {
        var fake = new FakeSupervisor(Samples.Run("r-1", "running"), new RunStarted(Samples.Now), new StepFailed(1, "x", Samples.Now));
        await using var dead = await Receiver.Start(_ => 500);
        await using var living = await Receiver.Start(_ => 204);
        await using var notifier = Start(
            $$"""retry-for = 0s, webhooks.dead { url = "{{dead.Address}}" }, webhooks.living { url = "{{living.Address}}" }""", fake);

        Assert.Equal("r-1-1", (await living.Next()).Headers["webhook-id"]);
        Assert.Equal("r-1-2", (await living.Next()).Headers["webhook-id"]);
        Assert.Equal("r-1-1", (await dead.Next()).Headers["webhook-id"]);
        Assert.Equal("r-1-2", (await dead.Next()).Headers["webhook-id"]);
    }

    [Fact]
    public async Task A_process_that_ends_sends_what_is_there_first()
    {
        var fake = new FakeSupervisor(Samples.Run("r-1", "running"), new RunStarted(Samples.Now));
        await using var receiver = await Receiver.Start(_ => 204);
        await using var notifier = Start(receiver, "", fake, "poll-interval = 1m");
        Assert.Equal("r-1-1", (await receiver.Next()).Headers["webhook-id"]);
        fake.Add(new RunCompleted(false, Samples.Now));

        await notifier.Finish(TimeSpan.FromSeconds(90));

        Assert.Equal("r-1-2", (await receiver.Next()).Headers["webhook-id"]);
    }

    [Fact]
    public async Task A_new_webhook_is_told_of_the_last_minutes_only()
    {
        var fake = new FakeSupervisor(
            Samples.Run("r-1", "running"), new RunStarted(Samples.Now.AddMinutes(-11)), new StepFailed(1, "x", Samples.Now.AddMinutes(-9)));
        await using var receiver = await Receiver.Start(_ => 204);
        await using var notifier = Start(receiver, "", fake);

        Assert.Equal("r-1-2", (await receiver.Next()).Headers["webhook-id"]);
    }

    [Fact]
    public void A_secret_with_the_prefix_is_base64()
    {
        var plain = WebhookSignature.Sign("abc", "id", 5, "body"u8);
        Assert.Equal(plain, WebhookSignature.Sign("whsec_" + Convert.ToBase64String("abc"u8), "id", 5, "body"u8));
        Assert.NotEqual(plain, WebhookSignature.Sign("abc", "id", 6, "body"u8));
        Assert.NotEqual(plain, WebhookSignature.Sign("abc", "id", 5, "Body"u8));
    }

    [Theory]
    [InlineData("webhooks.a { secret = x }", "notifications.webhooks.a.url: expected a URL")]
    [InlineData("webhooks.a.url = \"ftp://my-secret\"", "notifications.webhooks.a.url: expected a URL")]
    [InlineData("webhooks.a { url = \"https://x\", evnts = [] }", "there is no such setting; did you mean events?")]
    [InlineData("webhooks.a { url = \"https://x\", events = [run-failed, run-complete] }", "there is no event \"run-complete\"; did you mean run-completed? (known: member-compacted,")]
    [InlineData("webhooks.a { url = \"https://x\", events = [\"audit-run-*\"] }", "there is no event \"audit-run-*\"")]
    [InlineData("max-backoff = 10ms", "expected at least min-backoff (1s), found 10ms")]
    public void A_webhook_that_cannot_work_is_refused(string setting, string problem)
    {
        var error = Assert.Throws<SettingsException>(() => Settings(setting)).Message;
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_event_has_a_name_that_the_settings_know()
    {
        Assert.All(RunEventTranslationTests.All, e => Assert.Contains(CloudEvent.Of(Samples.Run("r-1", "running"), new RecordedRunEvent(1, e)).Type[CloudEvent.TypePrefix.Length..], EventTypes.All));
    }

    [Theory]
    [InlineData("audit-compact-node")]
    [InlineData("audit-verify-node")]
    [InlineData("audit-drop-collection")]
    [InlineData("audit-*-node-compaction")]
    [InlineData("audit-adopt-journal")]
    [InlineData("check-unanswered-member-free")]
    public void A_webhook_can_choose_every_order_and_every_check(string pattern) => Assert.Null(EventTypes.Problem(pattern));

    [Fact]
    public void Why_an_address_cannot_be_reached_is_told_in_plain_words() => Assert.All(Enum.GetValues<HttpRequestError>(), error =>
        Assert.DoesNotContain(error.ToString(), OutgoingHttp.Reason(new HttpRequestException(error)), StringComparison.Ordinal));

    private static NotificationSettings Settings(string text) => SettingsBinder.Parse($$"""
        orchestrator { roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1] }
        orchestrator.notifications { {{text}} }
        """).Notifications;

    private static string Signature(string secret, (IReadOnlyDictionary<string, string> Headers, byte[] Body) attempt)
    {
        var signed = Encoding.UTF8.GetBytes($"{attempt.Headers["webhook-id"]}.{attempt.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(attempt.Body)}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }

    private Notifier Start(Receiver receiver, string settings, FakeSupervisor fake, string more = "poll-interval = 100ms") => Start(
        $$"""{{more}}, webhooks.a { url = "{{receiver.Address}}" {{(settings.Length > 0 ? ", " : "")}}{{settings}} }""", fake);

    private Notifier Start(string settings, FakeSupervisor fake)
    {
        var gateway = new SupervisorGateway();
        gateway.Attach(system.ActorOf(Props.Create(() => new Answers(fake))));
        return Notifier.Start(
            Settings($"min-backoff = 10ms, {settings}"),
            new EventSource(gateway, Self),
            new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }),
            new StandingClock(),
            new LoggerConfiguration().CreateLogger());
    }

    /// <summary>It stays the samples' time of day, but pauses pass.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Samples.Now;
    }

    /// <summary>Keeps histories, and places by the rules of the real one, as long as the test lasts.</summary>
    private sealed class FakeSupervisor(RunView run, params RunEvent[] events)
    {
        private readonly Lock gate = new();
        private readonly List<RunEvent> history = [.. events];
        private readonly TaskCompletionSource looked = new();
        private AuditLog audit = AuditLog.Initial;
        private NotificationState places = NotificationState.Initial;
        private int looks;
        private int awaited = int.MaxValue;

        public string Host { get; set; } = Self;

        public void Add(RunEvent e)
        {
            lock (gate)
            {
                history.Add(e);
            }
        }

        public void Audit(string action, string cluster, string by = "ann") => audit = audit.Add(audit.Next(Samples.Now, by, action, cluster, "", "because"));

        /// <summary>Waits until it was asked so often who hosts the supervisor.</summary>
        public Task Looks(int times)
        {
            awaited = times;
            return looked.Task.WaitAsync(TimeSpan.FromSeconds(90));
        }

        public object Answer(ISupervisorRequest request)
        {
            lock (gate)
            {
                return request switch
                {
                    ListClusters => Clusters(),
                    ListRuns list => RunPage.Of([run], list),
                    ReadAudit read => audit.Begin(read).Answer(),
                    ReadRunEvents read => new RunEventBatch(
                        [.. history.Select((e, i) => new RecordedRunEvent(i + 1, e)).Where(recorded => recorded.Sequence > read.After)],
                        history.Any(e => e is RunCompleted) ? run with { FinishedAt = Samples.Now } : run),
                    INotificationRequest order => Place(order),
                    _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"nobody expected {request}")),
                };
            }
        }

        private ClusterList Clusters()
        {
            if (++looks >= awaited)
            {
                looked.TrySetResult();
            }

            return new ClusterList([Samples.View with { SupervisorNode = Host }]);
        }

        private WebhookPlaces Place(INotificationRequest order)
        {
            places = NotificationDecider.Decide(places, order).Aggregate(places, NotificationDecider.Apply);
            return places.ToPlaces();
        }
    }

    private sealed class Answers : ReceiveActor
    {
        public Answers(FakeSupervisor fake) => Receive<ISupervisorRequest>(request => Sender.Tell(fake.Answer(request)));
    }
}
