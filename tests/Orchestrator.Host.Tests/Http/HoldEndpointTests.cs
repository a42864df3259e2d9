using System.Net;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Host.Tests.Http;

public sealed class HoldEndpointTests
{
    private static readonly Hold Held = new(
        "main", "percona", "a restart", ["node-2"], "ann", Samples.Now, Samples.Now.AddMinutes(5));

    [Fact]
    public async Task A_hold_is_answered_with_its_end_and_with_what_is_at_work_next_to_its_members()
    {
        ISupervisorRequest? asked = null;
        await using var api = await ApiHost.Start(supervisor: request =>
        {
            asked = request;
            return new HoldView(Held, [new HeldWork("node-1", "r-1", 3)]);
        });

        var (status, body, _) = await api.Send(
            HttpMethod.Post, "/api/v1/clusters/main/holds", """{"owner":"percona","reason":"a restart","members":["node-2"],"ttlSeconds":300}""");

        Assert.Equal(HttpStatusCode.OK, status);
        var order = Assert.IsType<PlaceHold>(asked);
        Assert.Equal(("main", "percona", "a restart", "node-2", 300d), (order.Cluster, order.Owner, order.Reason, order.Members.Single(), order.Length.TotalSeconds));
        Assert.Equal(Held.Until, body.GetProperty("until").GetDateTimeOffset());
        var work = body.GetProperty("working")[0];
        Assert.Equal(("node-1", "r-1", 3), (work.GetProperty("member").GetString(), work.GetProperty("runId").GetString(), work.GetProperty("step").GetInt32()));
    }

    [Fact]
    public async Task Holds_are_listed_and_released_by_their_owner()
    {
        var asked = new List<ISupervisorRequest>();
        await using var api = await ApiHost.Start(supervisor: request =>
        {
            asked.Add(request);
            return new HoldList([new HoldView(Held, [])]);
        });

        var (_, list, _) = await api.Send(HttpMethod.Get, "/api/v1/clusters/main/holds");
        var (status, _, _) = await api.Send(HttpMethod.Delete, "/api/v1/clusters/main/holds/percona");

        Assert.Equal("percona", list.GetProperty("holds")[0].GetProperty("owner").GetString());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(new ListHolds("main"), asked[0]);
        Assert.Equal(("main", "percona"), asked[1] is ReleaseHold release ? (release.Cluster, release.Owner) : default);
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        await using var api = await ApiHost.Start(supervisor: _ => throw new InvalidOperationException("nothing is asked"));

        var (status, body, _) = await api.Send(
            HttpMethod.Post, "/api/v1/clusters/main/holds", """{"owner":"per cona","members":[1],"ttl":5}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            ["members[0]", "owner", "reason", "ttl", "ttlSeconds"],
            body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()!).Order(StringComparer.Ordinal));
    }
}
