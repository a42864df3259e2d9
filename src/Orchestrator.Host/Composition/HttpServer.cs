using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Limits;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Web;
using Serilog;

namespace Orchestrator.Host.Composition;

/// <summary>Kestrel with the API.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>
    /// What requests under way get when the server stops. Long polls and event streams would never end by themselves;
    /// their clients go on elsewhere.
    /// </summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication app;

    private HttpServer(WebApplication app, string address)
    {
        this.app = app;
        Address = address;
    }

    /// <summary>Base URL at which it listens, without a trailing slash.</summary>
    public string Address { get; }

    /// <summary>Everything that it answers.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="ServeException">The address cannot be listened on.</exception>
    public static async Task<HttpServer> Start(HttpSettings settings, ApiServices api, Serilog.ILogger logger, CancellationToken cancellationToken)
    {
        var certificate = settings.IsEncrypted ? ServerCertificate.Load(settings.Tls!, api.Time, logger) : null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSerilog(logger);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddApi(api, new OwnNames(settings), new RequestLimits(settings));
        if (settings.Page)
        {
            builder.Services.AddPage(settings);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxRequestBody;
            kestrel.Limits.MaxConcurrentConnections = settings.MaxConnections;
            kestrel.Listen(IPAddress.Parse(settings.Host), settings.Port, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
                }
            });
        });
        var app = builder.Build();
        app.MapApi();
        if (settings.Page)
        {
            app.MapPage();
        }

        await WebListener.Start(app, "HTTP", settings.Host, settings.Port, "orchestrator.http.port", cancellationToken);
        var bound = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new HttpServer(app, bound.TrimEnd('/'));
    }

    /// <summary>Stops listening; requests under way get a moment to end.</summary>
    public async Task Stop()
    {
        using var limit = new CancellationTokenSource(StopTimeout);
        await app.StopAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
