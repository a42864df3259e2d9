using System.Net;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Telemetry;
using Serilog;

namespace Orchestrator.Host.Tests.Http;

/// <summary>The real HTTP server on a free port, with scripted actors behind it.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly ActorSystem system = ActorSystem.Create("api-test", ConfigurationFactory.ParseString("akka.actor.provider = local, akka.loglevel = OFF"));
    private static int started;
    private HttpServer? server;

    private ApiHost(Readiness readiness)
    {
        Readiness = readiness;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(120) };
    }

    public Readiness Readiness { get; }

    public HttpClient Client { get; }

    public OrchestratorMetrics Metrics { get; private set; } = null!;

    public IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints => server!.Endpoints;

    public Uri Address => new(server!.Address);

    /// <summary>Everything that the node was asked, in order.</summary>
    public List<DataRequest> NodeRequests { get; } = [];

    /// <summary>Everything that the supervisor was asked, in order.</summary>
    public List<ISupervisorRequest> SupervisorRequests { get; } = [];

    /// <param name="node">Answers data requests; null for a process without a node.</param>
    /// <param name="supervisor">Answers administrative requests.</param>
    public static async Task<ApiHost> Start(
        Func<DataRequest, object>? node = null,
        Func<ISupervisorRequest, object>? supervisor = null,
        bool attach = true,
        string security = "",
        TimeProvider? time = null,
        Serilog.ILogger? log = null,
        string http = "")
    {
        var host = new ApiHost(new Readiness());
        var nodeGateway = new NodeGateway(node is not null);
        var supervisorGateway = new SupervisorGateway();
        if (attach)
        {
            nodeGateway.Attach(host.system.ActorOf(Props.Create(() => new Scripted<DataRequest>(host.NodeRequests, node ?? Silent))));
            supervisorGateway.Attach(host.system.ActorOf(
                Props.Create(() => new Scripted<ISupervisorRequest>(host.SupervisorRequests, supervisor ?? Silent))));
        }

        var settings = SettingsBinder.Parse($$"""
            orchestrator { roles = [supervisor], http.port = 0, clusters.main.replica-sets.rs-1.members = [node-1] }
            orchestrator { {{security}} }
            orchestrator.http.page = off
            orchestrator.http { {{http}} }
            """);
        var clock = time ?? TimeProvider.System;
        var keys = settings.Security.Jwt is { } jwt ? new JsonWebKeys(jwt.Keys, jwt.KeysRefresh, new HttpClient(), clock) : null;
        var number = 0;
        var runIds = new RunIds(new FixedTime(), () => $"{++number:D6}");
        host.Metrics = new OrchestratorMetrics(settings.Telemetry, host.Readiness, "api", $"api-{Interlocked.Increment(ref started)}");
        host.server = await HttpServer.Start(
            settings.Http,
            new ApiServices(supervisorGateway, nodeGateway, host.Readiness, runIds, clock)
            {
                Authenticator = new Authenticator(settings.Security, keys is null ? null : new JwtAuthenticator(settings.Security.Jwt!, keys, clock)),
                Limiter = new LoginLimiter(settings.Security.MaxFailedLogins, settings.Security.FailedLoginWindow, clock),
                NodeCluster = new NodeCluster(node is null ? "" : "main"),
                Metrics = host.Metrics,
            },
            log ?? new LoggerConfiguration().CreateLogger(),
            CancellationToken.None);
        host.Client.BaseAddress = host.Address;
        return host;
    }

    /// <summary>Sends a request with a text body and reads the JSON of the answer.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)> Send(
        HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeOf(path));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), response);
    }

    public static string MediaTypeOf(string path) =>
        path.Contains("/documents:", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json";

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server!.Stop();
        await server.DisposeAsync();
        Metrics.Dispose();
        await system.Terminate();
    }

    private static object Silent(object request) => throw new InvalidOperationException($"nobody expected {request}");

    private sealed class Scripted<T> : ReceiveActor
    {
        public Scripted(List<T> seen, Func<T, object> answer) => Receive<T>(request =>
        {
            seen.Add(request);
            try
            {
                Sender.Tell(answer(request));
            }
            catch (InvalidOperationException e)
            {
                Sender.Tell(new Status.Failure(e));
            }
        });
    }
}

/// <summary>A clock that stands still.</summary>
internal sealed class FixedTime : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
}
