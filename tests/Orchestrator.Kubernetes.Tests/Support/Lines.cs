using System.Collections.Concurrent;
using System.Globalization;
using Serilog;
using Serilog.Events;

namespace Orchestrator.Kubernetes.Tests.Support;

/// <summary>A log that keeps its lines.</summary>
internal sealed class Lines : ILogger
{
    private readonly ConcurrentQueue<string> _written = [];

    public IReadOnlyCollection<string> Written => _written;

    public void Write(LogEvent logEvent) => _written.Enqueue(logEvent.RenderMessage(CultureInfo.InvariantCulture));
}
