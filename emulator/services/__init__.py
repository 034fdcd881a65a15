"""What moto lacks, one package per service of AWS."""
