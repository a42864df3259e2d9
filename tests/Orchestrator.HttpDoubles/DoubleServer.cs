using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Host.Demo;

namespace Orchestrator.HttpDoubles;

/// <summary>One HTTP server of a double, on a port of loopback that it keeps. It can be killed and started again.</summary>
public sealed class DoubleServer : IAsyncDisposable
{
    private readonly X509Certificate2? _certificate;
    private readonly Func<DoubleRequest, Task<DoubleAnswer>> _answer;
    private WebApplication? _app;

    /// <param name="port">0 for a free one.</param>
    /// <param name="certificate">The server's own; null for plain HTTP. Clients may show any.</param>
    public DoubleServer(Func<DoubleRequest, Task<DoubleAnswer>> answer, X509Certificate2? certificate = null, int port = 0)
    {
        (_answer, _certificate) = (answer, certificate);
        Port = port > 0 ? port : FreePorts.Find(1)[0];
        Start();
    }

    public int Port { get; }

    public Uri Url => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}/");

    /// <summary>How long each answer takes.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>All that it was asked, in order.</summary>
    public ConcurrentQueue<DoubleRequest> Asked { get; } = [];

    /// <summary>Paths whose next request is carried out but not answered: the connection is cut.</summary>
    public ConcurrentDictionary<string, bool> Cut { get; } = [];

    /// <summary>Connections end in the middle of whatever they do.</summary>
    public async Task Kill()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }

    public void Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (_certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = _certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            }
        }));
        _app = builder.Build();
        _app.Run(Handle);
        HostingAbstractionsHostExtensions.Start(_app);
    }

    public async ValueTask DisposeAsync() => await Kill();

    private async Task Handle(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var request = new DoubleRequest(
            context.Request.Method,
            context.Request.Path.Value!.Trim('/'),
            context.Request.Query.ToDictionary(field => field.Key, field => field.Value.ToString()),
            await reader.ReadToEndAsync(context.RequestAborted),
            context.Request.Headers.Authorization.ToString(),
            context.Connection.ClientCertificate?.Thumbprint ?? "");
        Asked.Enqueue(request);
        if (Slowness > TimeSpan.Zero)
        {
            await Task.Delay(Slowness, context.RequestAborted);
        }

        var answer = await _answer(request);
        if (Cut.TryRemove(request.Path, out _))
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (answer.Body is not null)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
        }
    }
}

/// <param name="Path">Without slashes at its ends, decoded.</param>
public sealed record DoubleRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Query, string Body, string Authorization, string ClientThumbprint)
{
    public JsonObject Json => Body.Length == 0 ? [] : JsonNode.Parse(Body)!.AsObject();
}

/// <param name="Body">JSON; null for none.</param>
public sealed record DoubleAnswer(int Status, string? Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static DoubleAnswer Ok(JsonNode body) => new(200, body.ToJsonString());
}
