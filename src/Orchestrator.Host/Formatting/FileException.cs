namespace Orchestrator.Host.Formatting;

/// <summary>A file that the user named cannot be used; the message names it and says why.</summary>
internal sealed class FileException(string message, Exception? inner = null) : Exception(message, inner);
