using Microsoft.AspNetCore.Connections;

namespace Orchestrator.Host.Composition;

/// <summary>Starts web servers of this process.</summary>
internal static class WebListener
{
    /// <summary>Starts to listen; disposes of the server if that fails.</summary>
    /// <param name="name">What the server is, for example <c>HTTP</c>.</param>
    /// <param name="portSetting">The setting that another port can be given by.</param>
    /// <exception cref="ServeException">The address cannot be listened on.</exception>
    public static async Task Start(WebApplication app, string name, string host, int port, string portSetting, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new ServeException($"The {name} port {port} of {host} is in use; set {portSetting} to another one.", e);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync();
            throw new ServeException($"The {name} server cannot listen on {host}, port {port}: {e.Message}", e);
        }
    }
}
