using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.CouchDouble.Requests;

namespace Orchestrator.CouchDouble;

/// <summary>One node: an HTTP server on loopback, the copies of shards that it holds, and its settings.</summary>
/// <param name="nodePort">Its own port, of 2.x; 0 for none.</param>
internal sealed class DoubleNode(DoubleCluster cluster, string name, int port, int nodePort) : IAsyncDisposable
{
    private WebApplication? _server;

    public string Name => name;

    public DoubleCluster Cluster => cluster;

    public Uri Address => new($"{(cluster.Certificate is null ? "http" : "https")}://127.0.0.1:{port}{cluster.Prefix}/");

    /// <summary>Where it reaches only what it stores itself, of 2.x.</summary>
    public Uri OwnAddress { get; } = new($"http://127.0.0.1:{nodePort}/");

    /// <summary>Whether its own port is closed to others, as it is unless an administrator opens it.</summary>
    public bool IsOwnPortClosed { get; set; }

    public bool IsAlive => _server is not null;

    /// <summary>By the shards' own names.</summary>
    public ConcurrentDictionary<string, DoubleShard> Shards { get; } = new(StringComparer.Ordinal);

    /// <summary>By <c>section/key</c>.</summary>
    public ConcurrentDictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Settings that were not written to the file, and are gone when the node starts again.</summary>
    public ConcurrentDictionary<string, string?> Unwritten { get; } = new(StringComparer.Ordinal);

    /// <summary>Method and target of every request that came to it; behind <c>own:</c> those to its own port.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>How late it answers, also what others pass on to it.</summary>
    public TimeSpan Slowness { get; set; }

    public long ReplicationJobs { get; set; }

    /// <summary>What its automatic compaction says that it has at work.</summary>
    public int SmooshActive { get; set; }

    /// <summary>And what waits for it.</summary>
    public int SmooshWaiting { get; set; }

    /// <summary>Its compactions last until this has ended; null for <see cref="CompactTime"/>.</summary>
    public Task? Held { get; set; }

    public TimeSpan CompactTime { get; set; }

    /// <summary>The disk monitor stops writes.</summary>
    public bool IsFull { get; set; }

    public string MaintenanceMode
    {
        get => Settings.GetValueOrDefault("couchdb/maintenance_mode", "");
        set => Settings["couchdb/maintenance_mode"] = value;
    }

    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            foreach (var each in new[] { port, IsOwnPortClosed ? 0 : nodePort }.Where(each => each != 0))
            {
                options.Listen(System.Net.IPAddress.Loopback, each, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    if (cluster.Certificate is { } certificate)
                    {
                        listen.UseHttps(new HttpsConnectionAdapterOptions
                        {
                            ServerCertificate = certificate,
                            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                            ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == cluster.ClientThumbprint,
                        });
                    }
                });
            }
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        var server = builder.Build();
        server.Run(context => new DoubleRequest(this, context).Answer());
        await server.StartAsync();
        StartedAt = TimeProvider.System.GetUtcNow();
        _server = server;
    }

    /// <summary>Ends it as the death of its process would.</summary>
    public async Task Kill()
    {
        if (_server is not { } server)
        {
            return;
        }

        _server = null;
        foreach (var shard in Shards.Values)
        {
            shard.Abort(leaves: true);
            foreach (var view in shard.Views.Values)
            {
                view.Abort(leaves: true);
            }
        }

        foreach (var (key, written) in Unwritten)
        {
            if (written is null)
            {
                Settings.TryRemove(key, out _);
            }
            else
            {
                Settings[key] = written;
            }
        }

        Unwritten.Clear();
        await server.DisposeAsync();
    }

    public void Compact(DoubleFile file, bool isOrdered = true) =>
        file.Compact(file is DoubleView ? DoubleView.Phases : DoubleShard.Phases, CompactTime, Held, isOrdered);

    public async ValueTask DisposeAsync() => await Kill();
}
