using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Limits;
using Orchestrator.Host.Tests.Security;

namespace Orchestrator.Host.Tests.Http;

/// <summary>What one caller, and all callers, may hold at the same time.</summary>
public sealed class RequestLimitsTests : IDisposable
{
    private const string Document = "/api/v1/databases/shop/collections/orders/documents/a";
    private const string Changes = "/api/v1/databases/shop/collections/orders/changes?wait=20";
    private const string SmallBodies = "max-request-body = 64KiB, max-held-bodies = 64KiB, max-held-bodies-per-caller = 64KiB";
    private static readonly string Body = $$"""{"x":"{{new string('x', 40_000)}}"}""";

    // The first request stays with the node until the gate is opened.
    private readonly ManualResetEventSlim gate = new();
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        gate.Set();
        gate.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_bodies_of_one_caller_that_are_under_way_are_bounded_in_bytes(bool chunked)
    {
        await using var api = await ApiHost.Start(node: Held(new DocumentWritten("a", "1-x", 5, 2)), http: SmallBodies);
        var first = api.Send(HttpMethod.Put, Document, Body);
        await reached.Task;

        using var request = new HttpRequestMessage(HttpMethod.Put, Document) { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        using var refused = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        var problem = await refused.Content.ReadAsStringAsync();
        Assert.Contains("too-many-requests", problem, StringComparison.Ordinal);
        Assert.Contains("orchestrator.http.max-held-bodies-per-caller", problem, StringComparison.Ordinal);
        Assert.Single(api.NodeRequests);
        gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        await Until(async () => (await api.Send(HttpMethod.Put, Document, Body)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_bodies_of_all_callers_are_bounded_too()
    {
        await using var api = await ApiHost.Start(
            node: Held(new DocumentWritten("a", "1-x", 5, 2)), http: SmallBodies, security: Tokens.Settings(("ann", "writer"), ("ben", "writer")));
        var first = api.Send(HttpMethod.Put, Document, Body, ("Authorization", $"Bearer {Tokens.Of("ann")}"));
        await reached.Task;

        var (status, problem, _) = await api.Send(HttpMethod.Put, Document, Body, ("Authorization", $"Bearer {Tokens.Of("ben")}"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("orchestrator.http.max-held-bodies)", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
    }

    [Fact]
    public async Task Readers_that_wait_for_changes_are_bounded_for_one_caller_and_for_all()
    {
        await using var api = await ApiHost.Start(
            node: Held(new CollectionMissing("shop", "orders")), http: "max-streams = 1, max-streams-per-caller = 1", security: Tokens.Settings(("ann", "reader"), ("ben", "reader")));
        var first = api.Send(HttpMethod.Get, Changes, null, ("Authorization", $"Bearer {Tokens.Of("ann")}"));
        await reached.Task;

        var (same, problem, _) = await api.Send(HttpMethod.Get, Changes, null, ("Authorization", $"Bearer {Tokens.Of("ann")}"));
        var (other, _, _) = await api.Send(HttpMethod.Get, Changes, null, ("Authorization", $"Bearer {Tokens.Of("ben")}"));

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable), (same, other));
        Assert.Contains("ann has 1 event streams", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        gate.Set();
        await first;
    }

    [Fact]
    public async Task Event_streams_are_bounded()
    {
        await using var api = await ApiHost.Start(
            supervisor: _ =>
            {
                Hold();
                return Samples.Failed(FailureCode.NotFound, "there is no run");
            },
            http: "max-streams-per-caller = 1");
        var first = api.Send(HttpMethod.Get, "/api/v1/runs/r-1/events");
        await reached.Task;

        var (status, problem, _) = await api.Send(HttpMethod.Get, "/api/v1/runs/r-1/events");

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("orchestrator.http.max-streams-per-caller", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        gate.Set();
        Assert.Equal(HttpStatusCode.NotFound, (await first).Status);
        await Until(async () => (await api.Send(HttpMethod.Get, "/api/v1/runs/r-1/events")).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_connection_too_many_is_closed()
    {
        await using var api = await ApiHost.Start(http: "max-connections = 10");
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 10; i++)
            {
                idle.Add(new TcpClient());
                await idle[i].ConnectAsync(api.Address.Host, api.Address.Port);

                // It counts from the moment on that the server has taken it up.
                await idle[i].GetStream().WriteAsync(Encoding.UTF8.GetBytes($"GET /healthz HTTP/1.1\r\nHost: {api.Address.Authority}\r\n\r\n"));
                Assert.NotEqual(0, await idle[i].GetStream().ReadAsync(new byte[1]));
            }

            await Assert.ThrowsAsync<HttpRequestException>(() => api.Client.GetAsync(new Uri("/healthz", UriKind.Relative)));
        }
        finally
        {
            idle.ForEach(one => one.Dispose());
        }

        await Until(async () =>
        {
            try
            {
                return (await api.Client.GetAsync(new Uri("/healthz", UriKind.Relative))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_and_a_share_is_raised_only_by_what_is_new()
    {
        var allowance = new Allowance(10, 15);
        using var rest = allowance.Begin("b");
        using (var share = allowance.Begin("a"))
        {
            Assert.Equal(Allowance.Taken.Granted, share.Raise(4));
            Assert.Equal(Allowance.Taken.Granted, share.Raise(10));
            Assert.Equal(Allowance.Taken.CallerHasTooMuch, share.Raise(11));
            Assert.Equal(Allowance.Taken.AllHaveTooMuch, rest.Raise(6));
            Assert.Equal(10, allowance.Held);
        }

        Assert.Equal((0, 10), (allowance.Held, allowance.TakenInAll));
        Assert.Equal(Allowance.Taken.Granted, rest.Raise(6));
    }

    [Fact]
    public void Memory_is_given_back_once_after_large_bodies_and_not_while_one_is_held()
    {
        var limits = new RequestLimits(SettingsBinder.Parse("orchestrator { roles = [supervisor], clusters.main.replica-sets.rs-1.members = [node-1] }").Http);
        using var memory = new HeldMemory(limits, TimeProvider.System);
        Assert.False(memory.IsWorthIt());
        var share = limits.Bodies.Begin("a");
        share.Raise(100 << 20);
        Assert.False(memory.IsWorthIt());
        share.Dispose();

        Assert.True(memory.IsWorthIt());
        Assert.False(memory.IsWorthIt());
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, "it never came to that");
        }
    }

    private Func<DataRequest, object> Held(DataReply reply) => _ =>
    {
        Hold();
        return reply;
    };

    private void Hold()
    {
        reached.TrySetResult();
        gate.Wait(TimeSpan.FromSeconds(90));
    }
}
