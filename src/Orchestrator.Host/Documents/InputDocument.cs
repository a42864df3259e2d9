namespace Orchestrator.Host.Documents;

/// <summary>A document of an input file.</summary>
/// <param name="Body">A JSON object on one line, UTF-8, that carries the id.</param>
internal sealed record InputDocument(string Id, ReadOnlyMemory<byte> Body);

/// <summary>The input cannot be read; the message names file, line and reason.</summary>
internal sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
