"""What SNS answers where moto is kinder than AWS."""
