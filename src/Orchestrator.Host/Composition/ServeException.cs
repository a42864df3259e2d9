namespace Orchestrator.Host.Composition;

/// <summary>The process cannot serve; the message is one sentence for the operator.</summary>
internal sealed class ServeException(string message, Exception? inner = null) : Exception(message, inner);
