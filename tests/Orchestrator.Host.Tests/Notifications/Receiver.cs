using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Host.Tests.Notifications;

/// <summary>A real HTTP server that takes webhooks, or does not.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<(IReadOnlyDictionary<string, string> Headers, byte[] Body)> received = Channel.CreateUnbounded<(IReadOnlyDictionary<string, string>, byte[])>();

    private Receiver(WebApplication app) => this.app = app;

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <param name="answer">Status for the attempt with this number, from 1.</param>
    public static async Task<Receiver> Start(Func<int, int> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        var attempts = 0;
        receiver.app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            http.Response.StatusCode = answer(Interlocked.Increment(ref attempts));
            receiver.received.Writer.TryWrite((http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()), body.ToArray()));
        });
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>The next attempt that arrived.</summary>
    public async Task<(IReadOnlyDictionary<string, string> Headers, byte[] Body)> Next()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        return await received.Reader.ReadAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
