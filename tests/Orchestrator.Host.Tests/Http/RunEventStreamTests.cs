using System.Net;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Tests.Http;

public sealed class RunEventStreamTests
{
    private static readonly RecordedRunEvent[] History =
    [
        new(1, new RunPlanned("r-1", Samples.Plan, Samples.Now)),
        new(2, new RunStarted(Samples.Now)),
        new(3, new CheckEvaluated(1, new CheckResult("disk-space", true, "10 GiB are free"), Samples.Now)),
        new(4, new RunCompleted(false, Samples.Now)),
    ];

    [Fact]
    public async Task Events_have_their_sequence_as_id_and_progress_has_none()
    {
        await using var api = await ApiHost.Start(supervisor: request => Answer((ReadRunEvents)request, perAnswer: 2));

        var text = await api.Client.GetStringAsync(new Uri("/api/v1/runs/r-1/events", UriKind.Relative));

        Assert.Equal(
            ["id: 1", "event: run-planned", "id: 2", "event: run-started", "event: progress", "id: 3", "event: check-evaluated", "id: 4", "event: run-completed"],
            text.Split('\n').Where(line => line.StartsWith("id:", StringComparison.Ordinal) || line.StartsWith("event:", StringComparison.Ordinal)));
        Assert.Contains("10 GiB are free", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_goes_on_after_the_last_event_it_has()
    {
        await using var api = await ApiHost.Start(supervisor: request => Answer((ReadRunEvents)request, perAnswer: 10));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs/r-1/events");
        request.Headers.Add("Last-Event-ID", "3");
        using var response = await api.Client.SendAsync(request);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("id: 4\nevent: run-completed\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stream_of_a_finished_run_ends_at_once_for_who_has_it_all()
    {
        await using var api = await ApiHost.Start(supervisor: request => Answer((ReadRunEvents)request, perAnswer: 10));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs/r-1/events");
        request.Headers.Add("Last-Event-ID", "4");
        using var response = await api.Client.SendAsync(request);

        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_unknown_run_is_not_an_empty_stream()
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Failed(FailureCode.NotFound, "there is no run 'r-2'"));

        var (status, body, _) = await api.Send(HttpMethod.Get, "/api/v1/runs/r-2/events");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("there is no run 'r-2'", body.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    public async Task A_wrong_last_event_id_is_refused(string id)
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Get, "/api/v1/runs/r-1/events", null, ("Last-Event-ID", id));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("Last-Event-ID", body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_follower_sees_every_event_once_although_the_supervisor_is_away_for_a_while()
    {
        var asked = 0;
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            GetRun => Samples.Run("r-1", "completed", Samples.Now),
            ReadRunEvents when ++asked == 2 => Samples.Failed(FailureCode.Unavailable, "the supervisor is moving"),
            ReadRunEvents read => Answer(read, perAnswer: 1),
            _ => throw new InvalidOperationException("unexpected"),
        });
        using var client = new OrchestratorClient(api.Address, TimeSpan.FromSeconds(90), followRedirects: true);
        var seen = new List<long>();
        var progress = new List<RunProgressDto>();

        var run = await new RunFollower([client], TimeProvider.System, TimeSpan.FromSeconds(90))
            .Follow("r-1", e => seen.Add(e.Sequence), progress.Add, CancellationToken.None);

        Assert.Equal([1, 2, 3, 4], seen);
        Assert.NotEmpty(progress);
        Assert.Equal("completed", run.State);
    }

    private static RunEventBatch Answer(ReadRunEvents request, int perAnswer)
    {
        var events = History.Where(recorded => recorded.Sequence > request.After).Take(perAnswer).ToList();
        var ended = request.After + events.Count >= History.Length;
        return new RunEventBatch(events, Samples.Run("r-1", ended ? "completed" : "running", ended ? Samples.Now : null));
    }
}
