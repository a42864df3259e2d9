namespace Orchestrator.Kubernetes.Tests.Support;

/// <summary>Does something with the requests to the API server before they go.</summary>
internal sealed class Interception(Func<HttpRequestMessage, Task> before) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await before(request);
        return await base.SendAsync(request, cancellationToken);
    }
}
