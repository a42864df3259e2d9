using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Orchestrator.Host.Documents;

/// <summary>Documents on one line, as NDJSON has them.</summary>
internal static class DocumentLine
{
    /// <summary>Byte for byte, except for line ends, which stand between values only and become spaces.</summary>
    public static byte[] Of(JsonElement document)
    {
        var line = JsonMarshal.GetRawUtf8Value(document).ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    /// <summary>The same, with the id in it, so that reading the line gives the document under that id again.</summary>
    public static byte[] Of(JsonElement document, string id)
    {
        if (DocumentId.Of(JsonMarshal.GetRawUtf8Value(document), isStored: true).Id == id)
        {
            return Of(document);
        }

        var line = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("_id", id);
            foreach (var field in document.EnumerateObject().Where(field => field.Name != "_id"))
            {
                writer.WritePropertyName(field.Name);
                writer.WriteRawValue(Of(field.Value), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return line.WrittenSpan.ToArray();
    }
}
