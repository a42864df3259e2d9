using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
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
    public async Task Every_event_is_found_once_while_this_process_hosts_the_supervisor()
    {
        var fake = new FakeSupervisor(Samples.Run("r-1", "running"), new RunStarted(Samples.Now)) { Host = "another" };
        var source = Source(fake, new FixedTime());
        Assert.Empty(await source.Poll(default));

        fake.Host = Self;
        Assert.Equal(["r-1-1"], (await source.Poll(default)).Select(e => e.Id));
        Assert.Empty(await source.Poll(default));

        fake.Add(new RunCompleted(false, Samples.Now));
        Assert.Equal(["r-1-2"], (await source.Poll(default)).Select(e => e.Id));
        Assert.Empty(await source.Poll(default));
    }

    [Fact]
    public async Task Of_what_was_before_only_the_last_minutes_are_sent_again()
    {
        var fake = new FakeSupervisor(
            Samples.Run("r-1", "running"), new RunStarted(Samples.Now.AddMinutes(-11)), new StepStarted(1, 1, Samples.Now.AddMinutes(-9)));
        Assert.Equal(["r-1-2"], (await Source(fake, new FixedTime()).Poll(default)).Select(e => e.Id));

        var over = new FakeSupervisor(Samples.Run("r-1", "completed", Samples.Now.AddMinutes(-11)), new RunCompleted(false, Samples.Now.AddMinutes(-11)));
        Assert.Empty(await Source(over, new FixedTime()).Poll(default));
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
    [InlineData("max-backoff = 10ms", "expected at least min-backoff (1s), found 10ms")]
    public void A_webhook_that_cannot_work_is_refused(string setting, string problem)
    {
        var error = Assert.Throws<SettingsException>(() => Settings(setting)).Message;
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", error, StringComparison.Ordinal);
    }

    private static NotificationSettings Settings(string text) => SettingsBinder.Parse($$"""
        orchestrator { roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1] }
        orchestrator.notifications { {{text}} }
        """).Notifications;

    private static string Signature(string secret, (IReadOnlyDictionary<string, string> Headers, byte[] Body) attempt)
    {
        var signed = Encoding.UTF8.GetBytes($"{attempt.Headers["webhook-id"]}.{attempt.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(attempt.Body)}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }

    private Notifier Start(Receiver receiver, string settings, FakeSupervisor fake) => Notifier.Start(
        Settings($$"""poll-interval = 100ms, min-backoff = 10ms, webhooks.a { url = "{{receiver.Address}}" {{(settings.Length > 0 ? ", " : "")}}{{settings}} }"""),
        Source(fake, new FixedTime()),
        new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }),
        TimeProvider.System,
        new LoggerConfiguration().CreateLogger());

    private RunEventSource Source(FakeSupervisor fake, TimeProvider time)
    {
        var gateway = new SupervisorGateway();
        gateway.Attach(system.ActorOf(Props.Create(() => new Answers(fake))));
        return new RunEventSource(gateway, Self, TimeSpan.FromMinutes(10), time);
    }

    private sealed class FakeSupervisor(RunView run, params RunEvent[] events)
    {
        private readonly List<RunEvent> history = [.. events];

        public string Host { get; set; } = Self;

        public void Add(RunEvent e) => history.Add(e);

        public object Answer(ISupervisorRequest request) => request switch
        {
            ListClusters => new ClusterList([Samples.View with { SupervisorNode = Host }]),
            ListRuns => new RunList([run]),
            ReadRunEvents read => new RunEventBatch(
                [.. history.Select((e, i) => new RecordedRunEvent(i + 1, e)).Where(recorded => recorded.Sequence > read.After)],
                history.Any(e => e is RunCompleted) ? run with { FinishedAt = Samples.Now } : run),
            _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"nobody expected {request}")),
        };
    }

    private sealed class Answers : ReceiveActor
    {
        public Answers(FakeSupervisor fake) => Receive<ISupervisorRequest>(request => Sender.Tell(fake.Answer(request)));
    }
}
